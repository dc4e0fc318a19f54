import type { Ruleset } from "../rule.ts";
import { blocked } from "./blocked.ts";
import { convolution } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { movement } from "./movement.ts";
import { pooling } from "./pooling.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";

/** The exact gradient rule of every operator that has one. */
export const rules: Ruleset = {
  ...blocked,
  ...convolution,
  ...elementwise,
  ...movement,
  ...pooling,
  ...products,
  ...reductions,
};
