import { epsilon } from "../../../autodiff/relevance/rules/epsilon.ts";
import type { GraphMethod } from "../../method.ts";
import { scoreParts } from "../../relevance/composite.ts";

/** LRP with the plainest rule at every layer, Bach et al. 2015, eq. 56; LRP-0 in Montavon et al. 2019. */
export const lrpZ: GraphMethod<object> = {
  name: "lrp-z",
  title: "LRP-z",
  summary: "the score handed back layer by layer, to each input what it contributed",
  formula: "R_i = sum_j x_i w_ij / (sum_i x_i w_ij + b_j) R_j, from R = score to the input",
  paper: "Bach et al. 2015, PLOS ONE 10(7):e0130140, eq. 56",
  limits:
    "The same as input × gradient where all activations are ReLUs, and as noisy. What biases contribute is lost to the picture, so that the sum may be far from the score.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: {},
  write: (context) => context.relevance(scoreParts(context), () => epsilon(0)),
};
