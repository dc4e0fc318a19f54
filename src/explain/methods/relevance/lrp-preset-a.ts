import type { GraphMethod, Options } from "../../method.ts";
import { epsilonAndAlphaBeta } from "../../relevance/composite.ts";

/**
 * iNNvestigate's `LRPSequentialPresetA`: LRP-ε with ε = 0.1 at dense layers, LRP-αβ with α = 1 and β = 0 at convolutions. Departs from it
 * at batch normalization, which is merged here and has a rule of its own there.
 */
export const lrpPresetA: GraphMethod<Options<"epsilon">> = {
  name: "lrp-preset-a",
  title: "LRP, preset A",
  summary:
    "as lrp-epsilon-plus, with an epsilon at which little of dense layers but the strongest evidence is left",
  formula:
    "dense: R_i = sum_j x_i w_ij / (z_j + epsilon sign z_j) R_j; convolutions: R_i = sum_j (x_i w_ij)+ / (sum_i (x_i w_ij)+ + b_j+) R_j",
  paper: "Lapuschkin et al. 2017, arXiv:1708.07689; Alber et al. 2019, arXiv:1808.04260",
  limits:
    "Epsilon is a number of its own, whatever the size of the activations: where these are small, most is absorbed.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { epsilon: 0.1 },
  write: (context, { epsilon }) => epsilonAndAlphaBeta(context, { alpha: 1, beta: 0, epsilon }),
};
