import type { GraphMethod, Options } from "../../method.ts";
import { epsilonAndAlphaBeta } from "../../relevance/composite.ts";

/**
 * iNNvestigate's `LRPSequentialPresetB`: LRP-ε with ε = 0.1 at dense layers, LRP-αβ with α = 2 and β = 1 at convolutions. Departs from it
 * at batch normalization, which is merged here and has a rule of its own there.
 */
export const lrpPresetB: GraphMethod<Options<"epsilon">> = {
  name: "lrp-preset-b",
  title: "LRP, preset B",
  summary:
    "as lrp-epsilon-alpha2-beta1, with an epsilon at which little of dense layers but the strongest evidence is left",
  formula:
    "dense: R_i = sum_j x_i w_ij / (z_j + epsilon sign z_j) R_j; convolutions: R_i = sum_j (2 (x_i w_ij)+ / z_j+ - (x_i w_ij)- / z_j-) R_j, z_j+ = sum_i (x_i w_ij)+ + b_j+, z_j- likewise",
  paper: "Lapuschkin et al. 2017, arXiv:1708.07689; Alber et al. 2019, arXiv:1808.04260",
  limits:
    "Epsilon is a number of its own, whatever the size of the activations: where these are small, most is absorbed. Relevance of both signs grows with every convolution.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { epsilon: 0.1 },
  write: (context, { epsilon }) => epsilonAndAlphaBeta(context, { alpha: 2, beta: 1, epsilon }),
};
