import { sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { nonzero, number } from "../pointwise.ts";
import { maximaOf, overlap, putBack } from "../rules/max-pooling.ts";
import { reducedAxes } from "../rules/reductions.ts";
import type { DifferenceContext, DifferenceRule } from "./rule.ts";

// What makes an output that is the largest of several change: where it rose, the one that is largest now; where it fell, the one that was. That one
// has changed at least as much in the same direction, so that its multiplier is a part between 0 and 1 of the output's.

/** `m · Δy / Δx`, or `m` where nothing changed. */
function share(g: GraphBuilder, m: Value, change: Value, step: Value): Value {
  const still = op.equal(g, step, number(g, 0));
  return op.where(g, still, m, op.div(g, op.mul(g, m, change), nonzero(g, step)));
}

/** Which of several `x` an output is: 1 where that one accounts for the output's change. */
function chosen(
  { g, node, referenceOf }: DifferenceContext,
  x: Value,
  [y, y0]: readonly [Value, Value],
): Value {
  const now = /Min$/.test(node.op) ? op.lessOrEqual(g, y, y0) : op.greaterOrEqual(g, y, y0);
  const is = (value: Value, extreme: Value): Value => op.cast(g, op.equal(g, value, extreme), "float32");
  return op.where(g, now, is(x, y), is(referenceOf(x), y0));
}

/** Largest or smallest of several values; in equal parts where several are. */
export const extremum: DifferenceRule = (context) => {
  const { g, inputs, outputs, gradients, needs, referenceOf } = context;
  const [y, y0] = [outputs[0]!, referenceOf(outputs[0]!)];
  const each = (inputs as Value[]).map((x) => chosen(context, x, [y, y0]));
  const part = op.div(g, gradients[0]!, op.sum(g, ...each));
  const change = op.sub(g, y, y0);
  return (inputs as Value[]).map((x, at) => {
    if (!needs[at]) return undefined;
    const m = op.mul(g, part, each[at]!);
    return unbroadcast(g, share(g, m, change, op.sub(g, x, referenceOf(x))), x);
  });
};

/** Largest or smallest along axes; in equal parts where several are. */
export const reducedExtremum: DifferenceRule = (context) => {
  const { g, inputs, outputs, gradients, referenceOf } = context;
  const x = inputs[0]!;
  const axes = reducedAxes(context);
  const kept = staticShape(x).map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const [y, y0, m] = [outputs[0]!, referenceOf(outputs[0]!), gradients[0]!].map((value) =>
    op.reshape(g, value, kept),
  ) as [Value, Value, Value];
  const places = chosen(context, x, [y, y0]);
  const part = op.mul(g, places, op.div(g, m, op.reduceSum(g, places, axes, true)));
  return [share(g, part, op.sub(g, y, y0), op.sub(g, x, referenceOf(x)))];
};

/**
 * Each window's multiplier at its one place; overlapping windows add up. Where a window fell, and what is largest now is one of several that
 * were, as with a reference of one color, it is that one.
 */
function pooled(context: DifferenceContext, indices: Value, indices0: Value, overlapping: boolean): Value {
  const { g, inputs, outputs, gradients, referenceOf } = context;
  const [x, y] = [inputs[0]!, outputs[0]!];
  const [x0, y0] = [referenceOf(x), referenceOf(y)];
  const at = (places: Value, from: Value): Value => {
    const [all, count] = [sizeOf(staticShape(from)), sizeOf(staticShape(places))];
    const found = op.gatherElements(g, op.reshape(g, from, [all]), op.reshape(g, places, [count]));
    return op.reshape(g, found, staticShape(places));
  };
  const remains = op.equal(g, at(indices, x0), y0);
  const rose = op.greaterOrEqual(g, y, y0);
  const places = op.where(g, op.or(g, rose, remains), indices, indices0);
  const step = op.sub(g, at(places, x), at(places, x0));
  const m = share(g, gradients[0]!, op.sub(g, y, y0), step);
  return putBack(g, m, places, staticShape(x), overlapping);
}

/**
 * Exact where windows overlap, too. Behind a ReLU Captum 0.7 hands the multiplier to the picture's maximum whatever it was before, and so misses
 * the sum unless the reference is the same all over the window; then both agree.
 */
export const maxPool: DifferenceRule = (context) => {
  const { g, node, inputs, outputs, referenceOf } = context;
  const reference = referenceOf(outputs[0]!).name;
  const twin = g.nodes.find((other) => other.outputs[0] === reference)!;
  return [pooled(context, maximaOf(g, node), maximaOf(g, twin), overlap(node, inputs[0]!))];
};

export const globalMaxPool: DifferenceRule = (context) => {
  const { g, inputs, referenceOf } = context;
  const indices = (x: Value): Value => op.maxPoolWithIndices(g, x, staticShape(x).slice(2))[1];
  return [pooled(context, indices(inputs[0]!), indices(referenceOf(inputs[0]!)), false)];
};
