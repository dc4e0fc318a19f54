import type { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { number, scale } from "./pointwise.ts";

/** `x` at variance 1 over some axes, `x̂ = (x − mean) / √(var + ε)`, or without the mean `x / √(mean x² + ε)`. */
export interface Standardized {
  readonly normalized: Value;
  /** `1 / √(var + ε)`; the axes stay as extents of 1. */
  readonly inverse: Value;
  readonly axes: readonly number[];
  readonly centered: boolean;
}

/** The statistics of `x` over `axes`, which are worked out anew: most operators do not give them. */
export function standardize(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
  { epsilon, centered = true }: { epsilon: number; centered?: boolean },
): Standardized {
  const base = centered ? op.sub(g, x, op.reduceMean(g, x, axes, true)) : x;
  const variance = scale(g, op.reduceSumSquare(g, base, axes, true), 1 / countOf(x, axes));
  const inverse = op.reciprocal(g, op.sqrt(g, op.add(g, variance, number(g, epsilon))));
  return { normalized: op.mul(g, base, inverse), inverse, axes, centered };
}

/** The gradient from the statistics themselves, where a node gives them as outputs. */
export interface StatisticsGradient {
  readonly mean?: Value | undefined;
  readonly inverse?: Value | undefined;
}

/**
 * `dx` from the gradient `δ` of `x̂`: `(δ − mean δ − x̂ mean(δ x̂)) / √(var + ε)` (without `mean δ` where no mean was taken
 * off), times `factor`, which is constant along the axes. The statistics' own gradients join the two means:
 * `∂mean/∂x = 1/n`, `∂(1/√(var + ε))/∂x = −x̂ / (n (var + ε))`.
 */
export function standardizedGradient(
  g: GraphBuilder,
  delta: Value,
  { normalized, inverse, axes, centered }: Standardized,
  { factor, statistics = {} }: { factor?: Value; statistics?: StatisticsGradient } = {},
): Value {
  const terms = countOf(normalized, axes);
  let along = op.reduceMean(g, op.mul(g, delta, normalized), axes, true);
  if (statistics.inverse)
    along = op.add(g, along, scale(g, op.mul(g, statistics.inverse, inverse), 1 / terms));
  let rest = op.sub(g, delta, op.mul(g, normalized, along));
  if (centered) {
    let mean = op.reduceMean(g, delta, axes, true);
    if (statistics.mean) mean = op.sub(g, mean, scale(g, op.div(g, statistics.mean, inverse), 1 / terms));
    rest = op.sub(g, rest, mean);
  }
  return op.mul(g, rest, factor ? op.mul(g, factor, inverse) : inverse);
}

/** How many elements one of the means is made of. */
export const countOf = (x: Value, axes: readonly number[]): number =>
  axes.reduce((product, axis) => product * staticShape(x)[axis]!, 1);
