import type { GraphMethod, Options } from "../../method.ts";
import { epsilonAndAlphaBeta } from "../../relevance/composite.ts";

/** A composite of two rules, Kohlbrenner et al. 2020: LRP-ε at dense layers, LRP-αβ with α = 1 and β = 0 at convolutions. */
export const lrpEpsilonPlus: GraphMethod<Options<"epsilon">> = {
  name: "lrp-epsilon-plus",
  title: "LRP, ε and z+",
  summary: "the score handed back: exactly through dense layers, to what excites through convolutions",
  formula:
    "dense: R_i = sum_j x_i w_ij / (z_j + epsilon sign z_j) R_j; convolutions: R_i = sum_j (x_i w_ij)+ / (sum_i (x_i w_ij)+ + b_j+) R_j",
  paper: "Kohlbrenner et al. 2020, arXiv:1910.09840",
  limits:
    "Smooth and stable; what speaks against the target is told by the dense layers alone. What biases contribute is lost to the picture.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { epsilon: 1e-6 },
  write: (context, { epsilon }) => epsilonAndAlphaBeta(context, { alpha: 1, beta: 0, epsilon }),
};
