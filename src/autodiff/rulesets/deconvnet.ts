import * as op from "../../graph/operators/index.ts";
import type { Ruleset } from "../rule.ts";
import { reluRules } from "./relu.ts";

/**
 * Zeiler and Fergus 2014 (arXiv 1311.2901), section 2.1: `dx = max(dy, 0)` at every ReLU, whatever it saw. Max pools still lead back
 * to where the maximum was. ReLUs with an upper end too (ReLU6), and all other activations, keep their gradient.
 */
export const deconvnet: Ruleset = reluRules((g, dy) => op.relu(g, dy));
