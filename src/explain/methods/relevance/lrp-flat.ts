import { flat } from "../../../autodiff/relevance/rules/flat.ts";
import type { GraphMethod } from "../../method.ts";
import { scoreParts } from "../../relevance/composite.ts";

/** LRP-flat at every layer, Lapuschkin et al. 2019. */
export const lrpFlat: GraphMethod<object> = {
  name: "lrp-flat",
  title: "LRP-flat",
  summary: "the score handed back layer by layer in equal parts: what a unit could see",
  formula: "R_i = sum_j R_j / (number of inputs of j), from R = score to the input",
  paper: "Lapuschkin et al. 2019, doi:10.1038/s41467-019-08987-4, methods",
  limits:
    "Meant for first layers: at every layer it hardly knows weights or picture, and shows receptive fields and what max pooling chose. What averages of zeros alone were given is lost.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: {},
  write: (context) => context.relevance(scoreParts(context), () => flat),
};
