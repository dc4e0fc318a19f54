import type { Ruleset } from "../rule.ts";
import { activations } from "./activations.ts";
import { blocked } from "./blocked.ts";
import { convolution } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import { normalizations } from "./normalization.ts";
import { pooling } from "./pooling.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { resizing } from "./resize.ts";
import { steps } from "./steps.ts";

/** The exact gradient rule of every operator that has one. */
export const rules: Ruleset = {
  ...activations,
  ...blocked,
  ...convolution,
  ...elementwise,
  ...indexing,
  ...movement,
  ...normalizations,
  ...pooling,
  ...products,
  ...reductions,
  ...resizing,
  ...steps,
};
