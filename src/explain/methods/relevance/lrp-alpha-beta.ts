import { alphaBeta } from "../../../autodiff/relevance/rules/alpha-beta.ts";
import { UsageError } from "../../../base/errors.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { everywhere, scoreParts } from "../../relevance/composite.ts";

/** LRP-αβ at every layer, Bach et al. 2015, eq. 60, biases with their part. */
export const lrpAlphaBeta: GraphMethod<Options<"alpha" | "beta">> = {
  name: "lrp-alpha-beta",
  title: "LRP-αβ",
  summary: "the score handed back layer by layer, what excites and what inhibits apart",
  formula:
    "R_i = sum_j (alpha (x_i w_ij)+ / z_j+ - beta (x_i w_ij)- / z_j-) R_j, z_j+ = sum_i (x_i w_ij)+ + b_j+, z_j- likewise, from R = score to the input",
  paper: "Bach et al. 2015, PLOS ONE 10(7):e0130140, eq. 60",
  limits:
    "With beta above 0 relevance of both signs grows from layer to layer, in deep networks beyond the score. With beta 0 nothing that inhibits is seen.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { alpha: 2, beta: 1 },
  write(context, { alpha, beta }) {
    if (Math.abs(alpha - beta - 1) > 1e-6)
      throw new UsageError(
        `lrp-alpha-beta keeps the sum where alpha is 1 more than beta, not for ${alpha} and ${beta}; give both.`,
      );
    return context.relevance(scoreParts(context), everywhere(alphaBeta({ alpha, beta, bias: true })));
  },
};
