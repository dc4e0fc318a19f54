import { wSquare } from "../../../autodiff/relevance/rules/flat.ts";
import type { GraphMethod } from "../../method.ts";
import { scoreParts } from "../../relevance/composite.ts";

/** LRP-w² at every layer, Montavon et al. 2017, eq. 12. */
export const lrpWSquare: GraphMethod<object> = {
  name: "lrp-w-square",
  title: "LRP-w²",
  summary: "the score handed back layer by layer, by the weights alone",
  formula: "R_i = sum_j w_ij^2 / sum_i w_ij^2 R_j, from R = score to the input",
  paper: "Montavon et al. 2017, doi:10.1016/j.patcog.2016.11.008, eq. 12",
  limits:
    "Meant for a first layer whose inputs have no bounds: at every layer it only sees the picture through what max pooling chose. What averages of zeros alone were given is lost.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: {},
  write: (context) => context.relevance(scoreParts(context), () => wSquare),
};
