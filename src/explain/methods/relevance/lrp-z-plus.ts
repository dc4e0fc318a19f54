import { zPlus } from "../../../autodiff/relevance/rules/alpha-beta.ts";
import type { GraphMethod } from "../../method.ts";
import { everywhere, scoreParts } from "../../relevance/composite.ts";

/** LRP-z⁺ at every layer, Montavon et al. 2017, its z⁺-rule; negative inputs share by negative weights. */
export const lrpZPlus: GraphMethod<object> = {
  name: "lrp-z-plus",
  title: "LRP-z+",
  summary: "the score handed back layer by layer, to what excited each unit alone",
  formula: "R_i = sum_j (x_i w_ij)+ / sum_i (x_i w_ij)+ R_j, from R = score to the input",
  paper: "Montavon et al. 2017, doi:10.1016/j.patcog.2016.11.008, z+-rule",
  limits:
    "Shows what excites and nothing of what inhibits, so it changes little from class to class; late layers hardly matter to it (Sixt et al. 2020).",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: {},
  write: (context) => context.relevance(scoreParts(context), everywhere(zPlus)),
};
