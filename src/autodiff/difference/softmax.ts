import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { nonzero, number, scale } from "../pointwise.ts";
import { attribute } from "../rule.ts";
import type { DifferenceRule } from "./rule.ts";

/**
 * `L(a, b) = (a − b) / (ln a − ln b)`, the logarithmic mean of what is not negative, as `½ (a + b) r / artanh r` with
 * `r = (a − b) / (a + b)`, which keeps its digits where both are alike.
 */
function logarithmicMean(g: GraphBuilder, a: Value, b: Value): Value {
  const total = op.add(g, a, b);
  const r = op.div(g, op.sub(g, a, b), nonzero(g, total));
  const ratio = op.where(
    g,
    op.equal(g, r, number(g, 0)),
    number(g, 1),
    op.div(g, r, nonzero(g, op.atanh(g, r))),
  );
  return op.mul(g, scale(g, total, 0.5), ratio);
}

/**
 * `Δy = L Δz` with `z = ln y` and `L` the logarithmic mean of both `y`; `z = x − c` with a `c` that all have in common. As the `y` always sum
 * to 1, `Σ L Δz = 0`, and so `Δc = Σ L Δx / Σ L`. As the gradient, with `L` for `y`.
 */
export const softmax: DifferenceRule = ({ g, node, outputs, gradients, referenceOf }) => {
  const mean = logarithmicMean(g, outputs[0]!, referenceOf(outputs[0]!));
  const axes = [attribute(node, "axis", -1)];
  const along = op.mul(g, gradients[0]!, mean);
  const common = op.div(g, op.reduceSum(g, along, axes, true), op.reduceSum(g, mean, axes, true));
  return [op.sub(g, along, op.mul(g, mean, common))];
};

/** `Δy = Δx − Δc`, as above. */
export const logSoftmax: DifferenceRule = ({ g, node, outputs, gradients, referenceOf }) => {
  const [y, dy] = [outputs[0]!, gradients[0]!];
  const mean = logarithmicMean(g, op.exp(g, y), op.exp(g, referenceOf(y)));
  const axes = [attribute(node, "axis", -1)];
  const weights = op.div(g, mean, op.reduceSum(g, mean, axes, true));
  return [op.sub(g, dy, op.mul(g, weights, op.reduceSum(g, dy, axes, true)))];
};
