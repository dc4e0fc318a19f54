import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { type AxisMap, alongAxis, axisMap, transposed } from "../axis-map.ts";
import { nonzero, number, scale } from "../pointwise.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/**
 * `y = x / ‖x‖` along an axis: `dx = (dy − s Σ dy·y) / ‖x‖` with `s` the norm's own gradient, `y` for p = 2 and `sign x` for
 * p = 1. Taken as 0 where the norm is.
 */
const lpNormalization: Rule = ({ g, node, inputs, outputs, gradients }) => {
  const [x, y, dy] = [inputs[0]!, outputs[0]!, gradients[0]!];
  const axes = [attribute(node, "axis", -1)];
  const first = attribute(node, "p", 2) === 1;
  const norm = (first ? op.reduceL1 : op.reduceL2)(g, x, axes, true);
  const inverse = op.div(g, op.unitStep(g, norm, 0), nonzero(g, norm));
  const along = op.reduceSum(g, op.mul(g, dy, y), axes, true);
  return [op.mul(g, op.sub(g, dy, op.mul(g, first ? op.sign(g, x) : y, along)), inverse)];
};

/** What a channel of LRN has of each of its neighbours' squares: `α/n` of the `n` around it. */
function neighbours(node: Node, channels: number): AxisMap {
  const size = attribute(node, "size", 1);
  const weight = attribute(node, "alpha", 1e-4) / size;
  return axisMap(channels, channels, (channel) =>
    Array.from({ length: size }, (_, at) => channel - Math.floor((size - 1) / 2) + at)
      .filter((other) => other >= 0 && other < channels)
      .map((other) => [other, weight] as const),
  );
}

/** `s = k + α/n Σ x²` over `n` neighbouring channels, what an LRN divides by. */
export function localSums(g: GraphBuilder, node: Node, x: Value): Value {
  const map = neighbours(node, staticShape(x)[1]!);
  return op.add(g, alongAxis(g, op.mul(g, x, x), 1, map), number(g, attribute(node, "bias", 1)));
}

/**
 * `y = x s^(−β)`, `s` as `localSums` has it (Krizhevsky et al. 2012): `dx = dy s^(−β) − 2αβ/n x Σ dy x s^(−β−1)`, the sum over the
 * channels whose neighbour this one is.
 */
const localResponse: Rule = ({ g, node, inputs, gradients }) => {
  const x = inputs[0]!;
  const dy = gradients[0]!;
  const beta = attribute(node, "beta", 0.75);
  const sums = localSums(g, node, x);
  const shrunk = op.mul(g, dy, op.pow(g, sums, number(g, -beta)));
  const reverse = transposed(neighbours(node, staticShape(x)[1]!));
  const others = alongAxis(g, op.div(g, op.mul(g, shrunk, x), sums), 1, reverse);
  return [op.sub(g, shrunk, scale(g, op.mul(g, x, others), 2 * beta))];
};

export const vectorNormalizations: Ruleset = { LRN: localResponse, LpNormalization: lpNormalization };
