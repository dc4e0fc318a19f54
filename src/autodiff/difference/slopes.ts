import * as op from "../../graph/operators/index.ts";
import { scale } from "../pointwise.ts";
import { operatorOf } from "../rule.ts";
import { rules as gradientRules } from "../rules/index.ts";
import { changes, type DifferenceRule, refuse } from "./rule.ts";

/** The gradient, where it is the same everywhere. */
export const bySlope: DifferenceRule = (context) => {
  // What is chosen by indices or conditions that change has a difference that no slope tells of.
  const jumps = context.inputs.some(
    (input) => input && !input.dtype.startsWith("float") && changes(context, input),
  );
  return jumps ? refuse(context) : gradientRules[operatorOf(context.node)]!(context);
};

/** The mean of the gradients at both ends, exact for polynomials of degree 2: `Δ(x²) = (x + x₀) Δx`. */
export const byMeanSlope: DifferenceRule = (context) => {
  const { g, inputs, outputs, referenceOf } = context;
  const rule = gradientRules[operatorOf(context.node)]!;
  const here = rule(context);
  const there = rule({
    ...context,
    inputs: inputs.map((input) => input && referenceOf(input)),
    outputs: outputs.map(referenceOf),
  });
  return here.map((slope, at) => slope && scale(g, op.add(g, slope, there[at]!), 0.5));
};

/** `Δ(ab) = ½ (b + b₀) Δa + ½ (a + a₀) Δb`, each factor's part in the mean over both orders in which they could change. */
export const product: DifferenceRule = (context) => {
  const changing = context.inputs.filter((input) => input && changes(context, input)).length;
  if (changing > 2) return refuse(context);
  return changing === 1 ? bySlope(context) : byMeanSlope(context);
};
