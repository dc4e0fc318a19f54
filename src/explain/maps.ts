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
 * One picture's raw numbers, a map `[h, w]` or an activation in the layout of `grid`, as `[h, w]` or `[C, h, w]`; those of a layer without
 * places in one row.
 */
export function inMaps(raw: Tensor<"float32">, grid: Grid | undefined): Tensor<"float32"> {
  if (raw.shape.length === 1) return float32([1, raw.data.length], raw.data);
  if (!grid || grid.layout === "NCHW") return raw;
  const { height, width, skip } = grid;
  const places = height * width;
  const count = raw.shape.at(-1)!;
  const maps = new Float32Array(count * places);
  for (let place = 0; place < places; place++)
    for (let channel = 0; channel < count; channel++)
      maps[channel * places + place] = raw.data[(skip + place) * count + channel]!;
  return float32([count, height, width], maps);
}

/** The channels of `[C, h, w]` as one map `[h, w]`: their sum, or largest; a map is left as it is. */
export function channelsJoined(maps: Tensor<"float32">, channels: "sum" | "max" = "sum"): Tensor<"float32"> {
  if (maps.shape.length === 2) return maps;
  const [count, height, width] = maps.shape as [number, number, number];
  const places = height * width;
  const joined = maps.data.slice(0, places);
  for (let channel = 1; channel < count; channel++)
    for (let place = 0; place < places; place++) {
      const value = maps.data[channel * places + place]!;
      joined[place] = channels === "sum" ? joined[place]! + value : Math.max(joined[place]!, value);
    }
  return float32([height, width], joined);
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
