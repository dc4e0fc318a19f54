import type { GraphBuilder } from "../../../graph/builder.ts";
import type { Dim, Shape, Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";

export const formats = ["channels_last", "channels_first"] as const;
export type DataFormat = (typeof formats)[number];

/**
 * How tensors of the model lie in the graph. Where its pictures have their channels last, all tensors of four axes or more are held
 * with the last axis as axis 1, the order that ONNX's operators take; what depends on Keras's own order asks for that. All others
 * are held as Keras has them.
 */
export interface Order {
  /** The tensor as it is held, from Keras's order. */
  hold(x: Value): Value;
  /** The tensor in Keras's order. */
  keras(x: Value): Value;
  /** Its shape in Keras's order. */
  shape(x: Value): Shape;
  /** Where an axis of Keras's, negative from the end, is held. */
  axis(axis: number, rank: number): number;
  /** The tensor with its channels as axis 1, and back; `format` says where they are to Keras. */
  channelsFirst(x: Value, format: DataFormat): Value;
  fromChannelsFirst(x: Value, format: DataFormat): Value;
}

/** @param pictures where the channels of the model's pictures are */
export function orderOf(g: GraphBuilder, pictures: DataFormat): Order {
  const turned = (rank: number): boolean => pictures === "channels_last" && rank >= 4;
  const known = new Map<string, Value>();
  const once = (x: Value, make: () => Value): Value => {
    const value = known.get(x.name) ?? make();
    known.set(x.name, value);
    return value;
  };
  const order: Order = {
    hold: (x) => (turned(x.shape!.length) ? lastToFront(g, x) : x),
    keras: (x) => (turned(x.shape!.length) ? once(x, () => frontToLast(g, x)) : x),
    shape: ({ shape }) => (turned(shape!.length) ? toLast(shape!) : shape!),
    axis(axis, rank) {
      const place = axis < 0 ? axis + rank : axis;
      if (!turned(rank) || place === 0) return place;
      return place === rank - 1 ? 1 : place + 1;
    },
    channelsFirst(x, format) {
      if (format === "channels_first") return order.keras(x);
      return turned(x.shape!.length) ? x : once(x, () => lastToFront(g, x));
    },
    fromChannelsFirst(x, format) {
      if (format === "channels_first") return order.hold(x);
      return turned(x.shape!.length) ? x : frontToLast(g, x);
    },
  };
  return order;
}

const toLast = ([n, channels, ...places]: Shape): Dim[] => [n!, ...places, channels!];

function frontToLast(g: GraphBuilder, x: Value): Value {
  const axes = x.shape!.map((_, axis) => axis);
  return op.transpose(g, x, toLast(axes) as number[]);
}

function lastToFront(g: GraphBuilder, x: Value): Value {
  const rank = x.shape!.length;
  return op.transpose(g, x, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, at) => at + 1)]);
}
