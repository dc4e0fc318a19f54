import { sizeOf } from "../../base/tensor.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { zeros } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";
import { flatIndex, neighbours, products } from "../sampling.ts";

/**
 * Each sample is a mixture of the K places around it: its gradient is added to them by their weights, and with respect to
 * the grid it is the sum of their values by the slopes of their weights. On a place itself the slope is the one towards
 * the next; the nearest place has none.
 */
const gridSample: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [x, grid] = inputs as [Value, Value];
  const [batch, channels, ...extents] = staticShape(x) as [number, number, ...number[]];
  const points = sizeOf(staticShape(grid).slice(1, -1));
  const sampling = {
    mode: attribute(node, "mode", "linear"),
    padding: attribute(node, "padding_mode", "zeros"),
    alignCorners: attribute(node, "align_corners", 0) === 1,
  };
  const listed = op.reshape(g, grid, [batch, points, extents.length]);
  const columns = op.split(
    g,
    listed,
    extents.map(() => 1),
    2,
  );
  // The grid's numbers begin with the last axis.
  const axes = extents.map((extent, axis) => {
    const numbers = op.reshape(g, columns[extents.length - 1 - axis]!, [batch, 1, points]);
    return neighbours(g, numbers, extent, sampling);
  });

  const index = flatIndex(
    g,
    axes.map((axis) => axis.index),
    extents,
  );
  const count = staticShape(index)[1]!;
  const many = [batch, channels, count * points];
  const places = op.expand(g, op.reshape(g, index, [batch, 1, count * points]), many);
  const dy = op.reshape(g, gradients[0]!, [batch, channels, 1, points]);
  const byInput = (): Value => {
    const weights = products(
      g,
      axes.map((axis) => axis.weight),
    );
    const updates = op.mul(g, dy, op.reshape(g, weights, [batch, 1, count, points]));
    const none = zeros(g, [batch, channels, sizeOf(extents)]);
    const options = { axis: 2, add: true };
    const sums = op.scatterElements(g, none, places, op.reshape(g, updates, many), options);
    return op.reshape(g, sums, staticShape(x));
  };
  const byGrid = (): Value => {
    const flat = op.reshape(g, x, [batch, channels, sizeOf(extents)]);
    const values = op.reshape(g, op.gatherElements(g, flat, places, 2), [batch, channels, count, points]);
    const evidence = op.reduceSum(g, op.mul(g, dy, values), [1]);
    const parts = axes.map((_, moved) => {
      const slopes = axes.map((axis, at) => (at === moved ? axis.slope : axis.weight));
      const sum = op.reduceSum(g, op.mul(g, evidence, products(g, slopes)), [1]);
      return op.reshape(g, sum, [batch, points, 1]);
    });
    return op.reshape(g, op.concat(g, parts.toReversed(), 2), staticShape(grid));
  };
  return [needs[0] ? byInput() : undefined, needs[1] ? byGrid() : undefined];
};

export const gridSampling: Ruleset = { GridSample: gridSample };
