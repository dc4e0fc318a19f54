import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { nonzero, scale } from "../pointwise.ts";
import { operatorOf } from "../rule.ts";
import { rules as gradientRules } from "../rules/index.ts";
import { changes, type DifferenceRule, refuse } from "./rule.ts";

/** Inputs that differ by less than this part count as the same: of so small a difference most would be rounding. */
const NEAR = 1e-5;

/** Rescale rule, Shrikumar et al. 2017, section 3.5.2: `m_x = m_y Δy / Δx`, and the derivative where `x` is the same. */
export const byQuotient: DifferenceRule = (context) => {
  const { g, inputs, outputs, gradients, referenceOf } = context;
  const [x, ...others] = inputs as [Value];
  if (others.some((other) => other && changes(context, other))) return refuse(context);
  const change = (value: Value): Value => op.sub(g, value, referenceOf(value));
  const step = change(x);
  const same = op.lessOrEqual(g, op.abs(g, step), scale(g, op.abs(g, x), NEAR));
  const quotient = op.div(g, change(outputs[0]!), nonzero(g, step));
  const [slope] = gradientRules[operatorOf(context.node)]!(context) as [Value];
  return [op.where(g, same, slope, op.mul(g, gradients[0]!, quotient))];
};

/** `Δ(a/b) = ½ (1/b + 1/b₀) Δa − ½ (a + a₀) / (b b₀) Δb`: the product of `a` and `1/b`. */
export const division: DifferenceRule = ({ g, inputs, gradients, needs, referenceOf }) => {
  const [a, b] = inputs as [Value, Value];
  const [a0, b0] = [referenceOf(a), referenceOf(b)];
  const part = op.div(g, scale(g, gradients[0]!, 0.5), op.mul(g, b, b0));
  return [
    needs[0] ? unbroadcast(g, op.mul(g, part, op.add(g, b, b0)), a) : undefined,
    needs[1] ? unbroadcast(g, op.neg(g, op.mul(g, part, op.add(g, a, a0))), b) : undefined,
  ];
};
