import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { constantInput } from "../constants.ts";
import { number, scale } from "../pointwise.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";

/** The axes that a reduction runs over, counted from the front. */
function reducedAxes(context: RuleContext): number[] {
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

export const reductions: Ruleset = {
  ReduceSum: reduction((_g, { dy }) => dy),
  ReduceMean: reduction((g, { dy, terms }) => scale(g, dy, 1 / terms)),
  ReduceMax: extremum,
  ReduceMin: extremum,
  // x / y, and 0 at the origin.
  ReduceL2: reduction((g, { x, y, dy }) => {
    const zero = op.equal(g, y, number(g, 0));
    return op.mul(g, x, op.div(g, dy, op.where(g, zero, number(g, 1), y)));
  }),
  ReduceLogSumExp: reduction((g, { x, y, dy }) => op.mul(g, dy, op.exp(g, op.sub(g, x, y)))),
};
