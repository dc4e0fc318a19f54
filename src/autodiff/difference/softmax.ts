import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { nonzero, number, scale } from "../pointwise.ts";
import { attribute } from "../rule.ts";
import type { DifferenceRule } from "./rule.ts";

/**
 * The logarithmic mean `L = Δy / Δ ln y` of two `y` above zero, from `sum`, `y + y₀`, and `change`, `Δ ln y`: `½ (y + y₀) tanh(h) / h` with
 * `h = ½ Δ ln y`, which keeps its digits where both are alike and where one of them is 0 in float32.
 */
function logarithmicMean(g: GraphBuilder, sum: Value, change: Value): Value {
  const half = scale(g, change, 0.5);
  const ratio = op.where(
    g,
    op.equal(g, half, number(g, 0)),
    number(g, 1),
    op.div(g, op.tanh(g, half), nonzero(g, half)),
  );
  return op.mul(g, scale(g, sum, 0.5), ratio);
}

/**
 * `Δy = L Δz` with `z = ln y`; `z = x − c` with a `c` that all have in common. As the `y` always sum to 1, `Σ L Δz = 0`, and so
 * `Δc = Σ L Δx / Σ L`. As the gradient, with `L` for `y`.
 */
export const softmax: DifferenceRule = ({ g, node, inputs, outputs, gradients, referenceOf }) => {
  const [x, y] = [inputs[0]!, outputs[0]!];
  const axis = attribute(node, "axis", -1);
  const change = op.sub(g, op.logSoftmax(g, x, axis), op.logSoftmax(g, referenceOf(x), axis));
  const mean = logarithmicMean(g, op.add(g, y, referenceOf(y)), change);
  const along = op.mul(g, gradients[0]!, mean);
  const common = op.div(g, op.reduceSum(g, along, [axis], true), op.reduceSum(g, mean, [axis], true));
  return [op.sub(g, along, op.mul(g, mean, common))];
};

/** `Δy = Δx − Δc`, as above. */
export const logSoftmax: DifferenceRule = ({ g, node, outputs, gradients, referenceOf }) => {
  const [y, dy] = [outputs[0]!, gradients[0]!];
  const axis = attribute(node, "axis", -1);
  const sum = op.add(g, op.exp(g, y), op.exp(g, referenceOf(y)));
  const mean = logarithmicMean(g, sum, op.sub(g, y, referenceOf(y)));
  const weights = op.div(g, mean, op.reduceSum(g, mean, [axis], true));
  return [op.sub(g, dy, op.mul(g, weights, op.reduceSum(g, dy, [axis], true)))];
};
