import type { GraphBuilder } from "../../../../graph/builder.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { formats } from "../order.ts";
import { checkFits, padsOf } from "../window.ts";
import { type LayerRule, type LayerRules, only } from "./layer.ts";

type Pool = (g: GraphBuilder, x: Value, kernel: readonly number[], options: op.PoolOptions) => Value;

/** A pool over windows; padding is never the largest, and not counted in a mean. */
const pool =
  (rank: number, write: Pool): LayerRule =>
  (call) => {
    const { g, order, settings, refuse } = call;
    const format = settings.choice("data_format", formats, "channels_last");
    const x = order.channelsFirst(only(call, rank + 2), format);
    const kernel = settings.wholes("pool_size", rank, 2);
    const strides = settings.of("strides") === undefined ? kernel : settings.wholes("strides", rank);
    const window = { kernel, strides, dilations: kernel.map(() => 1) };
    const pads = padsOf(x, window, settings.choice("padding", ["valid", "same"], "valid"));
    checkFits(x, window, pads, refuse);
    return order.fromChannelsFirst(write(g, x, kernel, { strides, pads }), format);
  };

/** A pool over so many windows along each axis, as large as they have to be. */
const adaptivePool =
  (rank: number, write: Pool): LayerRule =>
  (call) => {
    const { g, order, settings, refuse } = call;
    const format = settings.choice("data_format", formats, "channels_last");
    const x = order.channelsFirst(only(call, rank + 2), format);
    const sizes = settings.wholes("output_size", rank);
    const places = x.shape!.slice(2) as number[];
    if (!places.every((extent, axis) => extent % sizes[axis]! === 0))
      throw refuse(
        `pools ${places.join("×")} places into ${sizes.join("×")}, into which they cannot be parted evenly; give pictures of another size.`,
      );
    const kernel = places.map((extent, axis) => extent / sizes[axis]!);
    return order.fromChannelsFirst(write(g, x, kernel, { strides: kernel }), format);
  };

/** A pool over all places: `[N, C]`, or with axes of 1 in their place. */
const globalPool =
  (
    rank: number,
    write: (g: GraphBuilder, x: Value, axes: readonly number[], keep: boolean) => Value,
  ): LayerRule =>
  (call) => {
    const { g, order, settings } = call;
    const format = settings.choice("data_format", formats, "channels_last");
    const x = order.channelsFirst(only(call, rank + 2), format);
    const keep = settings.flag("keepdims", false);
    const axes = Array.from({ length: rank }, (_, axis) => axis + 2);
    const y = write(g, x, axes, keep);
    return keep ? order.fromChannelsFirst(y, format) : y;
  };

/** The mean by the operator for it, which graphs of convolutions are optimized around. */
function globalMean(g: GraphBuilder, x: Value, axes: readonly number[], keep: boolean): Value {
  const y = op.globalAveragePool(g, x);
  return keep ? y : op.squeeze(g, y, axes);
}

const rules: LayerRules = Object.fromEntries(
  [1, 2, 3].flatMap((rank) => [
    [`MaxPooling${rank}D`, pool(rank, op.maxPool)],
    [`AveragePooling${rank}D`, pool(rank, op.averagePool)],
    [`AdaptiveMaxPooling${rank}D`, adaptivePool(rank, op.maxPool)],
    [`AdaptiveAveragePooling${rank}D`, adaptivePool(rank, op.averagePool)],
    [`GlobalAveragePooling${rank}D`, globalPool(rank, globalMean)],
    [`GlobalMaxPooling${rank}D`, globalPool(rank, op.reduceMax)],
  ]),
);

/** Keras's other names for the same. */
const synonyms: LayerRules = Object.fromEntries(
  Object.entries(rules).map(([name, rule]) => [
    name.replace("Average", "Avg").replace("Pooling", "Pool"),
    rule,
  ]),
);

export const pools: LayerRules = { ...synonyms, ...rules };
