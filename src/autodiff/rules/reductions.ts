import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { constantInput } from "../constants.ts";
import { gate, nonzero, number, scale } from "../pointwise.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";

/** The axes that a reduction runs over, counted from the front. */
export function reducedAxes(context: RuleContext): number[] {
  const { node, inputs } = context;
  const rank = staticShape(inputs[0]!).length;
  const listed = constantInput(context, 1) ?? [];
  if (listed.length > 0) return op.positiveAxes(listed, rank);
  return attribute(node, "noop_with_empty_axes", 0) ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** What a reduction's derivative is made of, spread so that it broadcasts: the reduced axes are extents of 1. */
interface Reduction {
  readonly x: Value;
  readonly y: Value;
  readonly dy: Value;
  readonly axes: readonly number[];
  /** How many elements make one output. */
  readonly terms: number;
}

/** A rule for a reduction: `derive` gives the gradient in the shape of `x` or one that broadcasts to it. */
const reduction =
  (derive: (g: GraphBuilder, reduction: Reduction) => Value): Rule =>
  (context) => {
    const { g, inputs, outputs, gradients } = context;
    const x = inputs[0]!;
    const shape = staticShape(x);
    const axes = reducedAxes(context);
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const terms = axes.reduce((product, axis) => product * shape[axis]!, 1);
    const [y, dy] = [outputs[0]!, gradients[0]!].map((value) => op.reshape(g, value, kept)) as [Value, Value];
    return [op.expand(g, derive(g, { x, y, dy, axes, terms }), shape)];
  };

/** In equal parts to all elements that reach the extremum, as PyTorch's `amax` does. */
const extremum = reduction((g, { x, y, dy, axes }) => {
  const reached = op.cast(g, op.equal(g, x, y), "float32");
  return op.mul(g, reached, op.div(g, dy, op.reduceSum(g, reached, axes, true)));
});

/**
 * The product of the others, also where some are 0: the product of all but zeros over each element, 0 where there is a zero
 * among the others. With two zeros and more the second derivative, which is not 0, comes out as 0.
 */
const product = reduction((g, { x, dy, axes }) => {
  const others = nonzero(g, x);
  const zeros = op.cast(g, op.equal(g, x, number(g, 0)), "float32");
  const whole = op.equal(g, op.reduceSum(g, zeros, axes, true), zeros);
  return gate(g, op.div(g, op.mul(g, dy, op.reduceProd(g, others, axes, true)), others), whole);
});

/** Running sums from the other end. */
const cumSum: Rule = (context) => {
  const { g, node, gradients } = context;
  const [axis] = constantInput(context, 1) as [number];
  const exclusive = attribute(node, "exclusive", 0) === 1;
  const reverse = attribute(node, "reverse", 0) === 0;
  return [op.cumSum(g, gradients[0]!, axis, { exclusive, reverse })];
};

export const reductions: Ruleset = {
  CumSum: cumSum,
  ReduceSum: reduction((_g, { dy }) => dy),
  ReduceMean: reduction((g, { dy, terms }) => scale(g, dy, 1 / terms)),
  ReduceMax: extremum,
  ReduceMin: extremum,
  ReduceProd: product,
  // At 0 the derivative is taken as 0.
  ReduceL1: reduction((g, { x, dy }) => op.mul(g, dy, op.sign(g, x))),
  // x / y, and 0 at the origin.
  ReduceL2: reduction((g, { x, y, dy }) => op.mul(g, x, op.div(g, dy, nonzero(g, y)))),
  // The sum is taken again: eʸ would multiply the rounding of y.
  ReduceLogSum: reduction((g, { x, dy, axes }) => op.div(g, dy, op.reduceSum(g, x, axes, true))),
  ReduceLogSumExp: reduction((g, { x, y, dy }) => op.mul(g, dy, op.exp(g, op.sub(g, x, y)))),
  ReduceSumSquare: reduction((g, { x, dy }) => op.mul(g, x, scale(g, dy, 2))),
};
