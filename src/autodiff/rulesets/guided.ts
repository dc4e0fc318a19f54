import * as op from "../../graph/operators/index.ts";
import type { Ruleset } from "../rule.ts";
import { reluRules } from "./relu.ts";

/**
 * Guided backpropagation, Springenberg et al. 2015 (arXiv 1412.6806), section 3.4: `dx = max(dy, 0) · [y > 0]` at every ReLU. Those
 * with an upper end too (ReLU6), and all other activations, keep their gradient.
 */
export const guided: Ruleset = reluRules((g, dy, y) => op.mul(g, op.relu(g, dy), op.unitStep(g, y, 0)));
