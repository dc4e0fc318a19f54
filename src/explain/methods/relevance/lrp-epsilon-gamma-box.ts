import { epsilon } from "../../../autodiff/relevance/rules/epsilon.ts";
import { gamma } from "../../../autodiff/relevance/rules/gamma.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { boxed } from "../../relevance/box.ts";
import { byKind, scoreParts, withFirst } from "../../relevance/composite.ts";

/** A composite of three rules, Montavon et al. 2019, section 10.3: z-box at the picture, LRP-γ at convolutions, LRP-ε at dense layers. */
export const lrpEpsilonGammaBox: GraphMethod<Options<"epsilon" | "gamma" | "low" | "high">> = {
  name: "lrp-epsilon-gamma-box",
  title: "LRP, ε, γ and box",
  summary:
    "the score handed back by the rule that suits each depth; a good first choice for convnets with ReLU",
  formula:
    "dense: R_i = sum_j x_i w_ij / (z_j + epsilon sign z_j) R_j; convolutions: weights w_ij + gamma w_ij+ in the place of w_ij, and no epsilon; the first: R_i = sum_j (x_i w_ij - low_i w_ij+ - high_i w_ij-) / sum_i (...) R_j",
  paper: "Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10, section 10.3",
  limits:
    "What biases contribute is lost to the picture, so the sum is not the score. Made for ReLU networks; transformers are better served by LRP-ε.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { epsilon: 1e-6, gamma: 0.25, low: "lowest", high: "highest" },
  write(context, { epsilon: stabilizer, gamma: favour, ...bounds }) {
    const above = byKind({ convolution: gamma(favour), dense: epsilon(stabilizer) });
    return context.relevance(scoreParts(context), withFirst(boxed(context, bounds), above));
  },
};
