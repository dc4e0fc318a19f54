import { deconvnet as rules } from "../../../autodiff/rulesets/deconvnet.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { startSeed } from "../../start.ts";

/**
 * The deconvolutional network of Zeiler and Fergus 2014 (arXiv 1311.2901), section 2.1, run back from the score: the gradient in which every
 * ReLU passes on what is positive, open or not. Their max pools go back to where the maximum was, as the gradient's do.
 */
export const deconvnet: GraphMethod<Options<"start">> = {
  name: "deconvnet",
  title: "Deconvnet",
  summary: "the gradient, of which ReLUs pass on only what is positive, also where they were shut",
  formula: "raw = d score / d x, where at each ReLU y = max(x, 0) the way back is dx = max(dy, 0)",
  paper: "Zeiler and Fergus 2014, arXiv:1311.2901, section 2.1",
  limits:
    "Without max pools it does not depend on the picture at all, and with them it hardly depends on the class (Mahendran and Vedaldi 2016, Nie et al. 2018).",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  options: { start: "one" },
  write(context, { start }) {
    return context.gradient([context.input], rules, { seed: startSeed(context, start) })[0]!;
  },
};
