import type { GraphMethod, Options } from "../../method.ts";
import { epsilonAndAlphaBeta } from "../../relevance/composite.ts";

/** A composite of two rules, Kohlbrenner et al. 2020: LRP-ε at dense layers, LRP-αβ with α = 2 and β = 1 at convolutions. */
export const lrpEpsilonAlpha2Beta1: GraphMethod<Options<"epsilon">> = {
  name: "lrp-epsilon-alpha2-beta1",
  title: "LRP, ε and α2β1",
  summary:
    "the score handed back: exactly through dense layers, what excites and inhibits apart through convolutions",
  formula:
    "dense: R_i = sum_j x_i w_ij / (z_j + epsilon sign z_j) R_j; convolutions: R_i = sum_j (2 (x_i w_ij)+ / z_j+ - (x_i w_ij)- / z_j-) R_j, z_j+ = sum_i (x_i w_ij)+ + b_j+, z_j- likewise",
  paper: "Kohlbrenner et al. 2020, arXiv:1910.09840",
  limits: "Relevance of both signs grows with every convolution, in deep networks beyond the score.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { epsilon: 1e-6 },
  write: (context, { epsilon }) => epsilonAndAlphaBeta(context, { alpha: 2, beta: 1, epsilon }),
};
