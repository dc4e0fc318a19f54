import { UserError } from "../../base/errors.ts";
import type { Value } from "../../graph/graph.ts";
import { operatorOf, type RuleContext } from "../rule.ts";
import type { Twins } from "./twins.ts";

/** What an operator's multipliers are made of: a node of the network on the picture, and what its values are with the reference. */
export interface DifferenceContext extends RuleContext {
  readonly referenceOf: Twins["referenceOf"];
}

/** As a gradient rule, of multipliers `m` instead of slopes: `Σ m_in Δin = Σ m_out Δout`. */
export type DifferenceRule = (context: DifferenceContext) => readonly (Value | undefined)[];

/** Whether a value depends on the input. */
export const changes = ({ referenceOf }: DifferenceContext, value: Value): boolean =>
  referenceOf(value) !== value;

/** @throws UserError naming operator and node */
export const refuse: DifferenceRule = (context) => {
  throw new UserError(
    `There is no rule for differences of the operator ${operatorOf(context.node)} (node "${context.node.name}"); methods that go by gradients still work.`,
  );
};
