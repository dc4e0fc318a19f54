import { gamma } from "../../../autodiff/relevance/rules/gamma.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { everywhere, scoreParts } from "../../relevance/composite.ts";

/** LRP-γ at every layer, Montavon et al. 2019, section 10.2.1, for inputs of either sign as in Andéol et al. 2021. */
export const lrpGamma: GraphMethod<Options<"gamma">> = {
  name: "lrp-gamma",
  title: "LRP-γ",
  summary: "the score handed back layer by layer, with what speaks for it favoured",
  formula:
    "R_i = sum_j x_i (w_ij + gamma w_ij+) / (sum_i x_i (w_ij + gamma w_ij+) + b_j + gamma b_j+) R_j where the output is above 0; below 0 the parts of the other sign are favoured",
  paper: "Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10, section 10.2.1",
  limits:
    "Between LRP-z (gamma 0) and LRP-z+ (a large gamma): the larger, the less of what speaks against the target is seen.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  sumsToScore: true,
  options: { gamma: 0.25 },
  write: (context, options) => context.relevance(scoreParts(context), everywhere(gamma(options.gamma))),
};
