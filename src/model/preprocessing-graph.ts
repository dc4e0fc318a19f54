import { float32, int64, scalar } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import type { Preprocessing } from "./preprocessing.ts";

/** Pictures as a network takes them, in a graph: uint8 RGB `[N, H, W, 3]` to float32 `[N, C, H, W]`, as `preprocess` makes them. */
export function preprocessed(
  g: GraphBuilder,
  images: Value,
  { order, mean, std }: Pick<Preprocessing, "order" | "mean" | "std">,
): Value {
  const levels = op.cast(g, op.transpose(g, images, [0, 3, 1, 2]), "float32");
  const channels = channelsIn[order](g, levels);
  const centred = mean.every((level) => level === 0) ? channels : op.sub(g, channels, perChannel(g, mean));
  return std.every((level) => level === 1) ? centred : op.div(g, centred, perChannel(g, std));
}

/** Takes the channels that a network sees from red, green and blue. */
const channelsIn: Readonly<Record<Preprocessing["order"], (g: GraphBuilder, rgb: Value) => Value>> = {
  RGB: (_, rgb) => rgb,
  BGR: (g, rgb) => op.gather(g, rgb, g.constant(int64([3], [2, 1, 0])), 1),
  grey: (g, rgb) => {
    const luma = g.constant(float32([1, 3, 1, 1], [0.299, 0.587, 0.114]));
    return op.reduceSum(g, op.mul(g, rgb, luma), [1], true);
  },
};

/** One number for all channels where they share it: cheaper, and with the same result. */
function perChannel(g: GraphBuilder, numbers: readonly number[]): Value {
  const [first] = numbers as [number, ...number[]];
  const alike = numbers.every((number) => number === first);
  return g.constant(alike ? scalar(first) : float32([1, numbers.length, 1, 1], numbers));
}
