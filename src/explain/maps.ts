import { float32, type Tensor } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { type Grid, gridOf, toMaps } from "../model/grid.ts";
import type { GraphContext } from "./method.ts";

/** The layer's activation as maps `[N, C, h, w]`, whatever the network's layout. */
export function activationMaps({ g, graph, layer }: GraphContext): Value {
  return toMaps(g, g.value(layer.output), gridOf(graph, layer.output)!);
}

/** Gradient of the score with respect to the layer's activation, as maps `[N, C, h, w]`. */
export function gradientMaps({ g, graph, layer, gradient }: GraphContext): Value {
  const [slope] = gradient([g.value(layer.output)]) as [Value];
  return toMaps(g, slope, gridOf(graph, layer.output)!);
}

/**
 * One map `[h, w]` of one picture's raw numbers: their channels' sum, or largest.
 * @param raw `[h, w]`, or an activation in the layout of `grid`; channels first unless given
 */
export function channelsJoined(
  raw: Tensor<"float32">,
  grid: Grid | undefined,
  channels: "sum" | "max" = "sum",
): Tensor<"float32"> {
  if (raw.shape.length === 2 && !grid) return raw;
  const { layout, height, width, skip } = grid ?? {
    ...{ layout: "NCHW" as const, skip: 0 },
    height: raw.shape[1]!,
    width: raw.shape[2]!,
  };
  const places = height * width;
  const count = layout === "NCHW" ? raw.data.length / places : raw.shape.at(-1)!;
  const map = new Float32Array(places);
  for (let place = 0; place < places; place++) {
    let total = channels === "sum" ? 0 : Number.NEGATIVE_INFINITY;
    for (let channel = 0; channel < count; channel++) {
      const value =
        raw.data[layout === "NCHW" ? channel * places + place : (skip + place) * count + channel]!;
      total = channels === "sum" ? total + value : Math.max(total, value);
    }
    map[place] = total;
  }
  return float32([height, width], map);
}

/**
 * The same in a graph: `raw` `[N, h, w]`, or an activation in the layout of `grid`, as one map `[N, 1, h, w]`.
 */
export function joinChannels(
  g: GraphBuilder,
  raw: Value,
  grid: Grid | undefined,
  channels: "sum" | "max" = "sum",
): Value {
  const shape = staticShape(raw);
  if (shape.length === 3 && !grid) return op.reshape(g, raw, [shape[0]!, 1, shape[1]!, shape[2]!]);
  const maps = grid ? toMaps(g, raw, grid) : raw;
  return channels === "sum" ? op.reduceSum(g, maps, [1], true) : op.reduceMax(g, maps, [1], true);
}
