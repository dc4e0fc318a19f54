import { scalar } from "../../base/tensor.ts";
import { initializerTensor, staticShape } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";

/** The axes that a reduction runs over, counted from the front; from the attribute or, for ReduceSum, the input. */
function reducedAxes({ g, node, inputs }: RuleContext): number[] {
  const rank = staticShape(inputs[0]!).length;
  const constant = inputs[1] && g.constantOf(inputs[1]);
  const listed = constant
    ? Array.from(initializerTensor(constant).data as BigInt64Array, Number)
    : attribute<readonly number[]>(node, "axes", []);
  const axes = listed.length > 0 ? listed : Array.from({ length: rank }, (_, axis) => axis);
  return op.positiveAxes(axes, rank);
}

/** Spreads the gradient back over the axes that were summed, times `scale(number of terms)`. */
const spread =
  (scale: (terms: number) => number): Rule =>
  (context) => {
    const { g, inputs, gradients } = context;
    const shape = staticShape(inputs[0]!);
    const axes = new Set(reducedAxes(context));
    const kept = shape.map((extent, axis) => (axes.has(axis) ? 1 : extent));
    const terms = [...axes].reduce((product, axis) => product * shape[axis]!, 1);
    const factor = scale(terms);
    const dy = op.reshape(g, gradients[0]!, kept);
    const scaled = factor === 1 ? dy : op.mul(g, dy, g.constant(scalar(factor)));
    return [op.expand(g, scaled, shape)];
  };

export const reductions: Ruleset = {
  ReduceSum: spread(() => 1),
  ReduceMean: spread((terms) => 1 / terms),
};
