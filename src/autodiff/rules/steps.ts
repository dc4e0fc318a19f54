import type { Rule, Ruleset } from "../rule.ts";

/** Nothing flows back: the output is constant but for jumps. */
const none: Rule = () => [];

/**
 * Operators with a floating-point output that has no slope. Those that give truth values or whole numbers (`Shape`,
 * `Greater`, `ArgMax`, …) need no rule: no gradient ever reaches them.
 */
export const steps: Ruleset = { Ceil: none, ConstantOfShape: none, Floor: none, Round: none, Sign: none };
