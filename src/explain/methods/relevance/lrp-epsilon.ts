import { epsilon } from "../../../autodiff/relevance/rules/epsilon.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { scoreParts } from "../../relevance/composite.ts";

/** LRP-ε at every layer, Bach et al. 2015, eq. 58. */
export const lrpEpsilon: GraphMethod<Options<"epsilon">> = {
  name: "lrp-epsilon",
  title: "LRP-ε",
  summary: "the score handed back layer by layer; what hardly mattered loses its share",
  formula:
    "R_i = sum_j x_i w_ij / (z_j + epsilon sign z_j) R_j, z_j = sum_i x_i w_ij + b_j, from R = score to the input",
  paper: "Bach et al. 2015, PLOS ONE 10(7):e0130140, eq. 58",
  limits:
    "How much is absorbed hangs on epsilon against the size of the activations. With a small one it is input × gradient in networks of ReLUs, and as noisy.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { epsilon: 1e-6 },
  write: (context, options) => context.relevance(scoreParts(context), () => epsilon(options.epsilon)),
};
