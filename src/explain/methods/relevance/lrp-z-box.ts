import { epsilon } from "../../../autodiff/relevance/rules/epsilon.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { boxed } from "../../relevance/box.ts";
import { scoreParts, withFirst } from "../../relevance/composite.ts";

/** LRP-z with the z-box rule at the layers that see the picture, Montavon et al. 2017, its z^B-rule. */
export const lrpZBox: GraphMethod<Options<"low" | "high">> = {
  name: "lrp-z-box",
  title: "LRP-z with the box rule",
  summary: "LRP-z that knows what numbers a pixel can be: black pixels can have relevance too",
  formula:
    "at the first layer R_i = sum_j (x_i w_ij - low_i w_ij+ - high_i w_ij-) / sum_i (...) R_j, above it R_i = sum_j x_i w_ij / z_j R_j",
  paper: "Montavon et al. 2017, doi:10.1016/j.patcog.2016.11.008, z^B-rule; Bach et al. 2015, eq. 56",
  limits:
    "As noisy as LRP-z but for the last step. The bounds are what black and white become, or, where nobody said how pictures are prepared, the largest magnitude in the picture.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { low: "lowest", high: "highest" },
  write: (context, options) =>
    context.relevance(
      scoreParts(context),
      withFirst(boxed(context, options), () => epsilon(0)),
    ),
};
