import { zPlus } from "../../../autodiff/relevance/rules/alpha-beta.ts";
import * as op from "../../../graph/operators/index.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { boxed } from "../../relevance/box.ts";
import { everywhere, scoreParts, withFirst } from "../../relevance/composite.ts";

/**
 * Deep Taylor decomposition, Montavon et al. 2017: the z-box rule at the layers that see the picture, z⁺ above them, from
 * the positive part of the score.
 */
export const deepTaylor: GraphMethod<Options<"low" | "high">> = {
  name: "deep-taylor",
  title: "Deep Taylor decomposition",
  summary:
    "each unit's relevance as a first-order Taylor expansion by its inputs, from the score down to the picture",
  formula:
    "R_i = sum_j (x_i w_ij)+ / sum_i (x_i w_ij)+ R_j from R = max(score, 0); at the first layer R_i = sum_j (x_i w_ij - low_i w_ij+ - high_i w_ij-) / sum_i (...) R_j",
  paper: "Montavon et al. 2017, doi:10.1016/j.patcog.2016.11.008, z+-rule and z^B-rule",
  limits:
    "Nothing for a score below 0. Shows what excites and nothing of what inhibits, so it changes little from class to class. Derived for ReLU networks whose biases are not above 0.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "positive",
  sumsToScore: true,
  options: { low: "lowest", high: "highest" },
  write: (context, options) =>
    context.relevance(
      op.relu(context.g, scoreParts(context)),
      withFirst(boxed(context, options), everywhere(zPlus)),
    ),
};
