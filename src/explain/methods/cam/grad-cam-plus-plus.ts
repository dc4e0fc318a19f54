import { scalar } from "../../../base/tensor.ts";
import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * Grad-CAM++, Chattopadhay et al. 2018 (arXiv 1710.11063), eq. 19 in eq. 7, numerator and denominator divided by `g²`. The
 * exponential of the score, which the paper differentiates, scales all weights of a picture alike and is left out. With `epsilon`
 * 0 the formula is the paper's; other libraries have 1e-6 or 1e-8 there, beside squares of gradients that are often smaller.
 */
export const gradCamPlusPlus: GraphMethod<Options<"epsilon" | "combine">> = {
  name: "grad-cam-plus-plus",
  title: "Grad-CAM++",
  summary: "channels weighted by their positive gradients, less where a channel is strong in many places",
  formula:
    "raw = sum_k w_k A_k, w_k = sum_hw(a_k relu(g_k)), a_k = g_k^2 / (2 g_k^2 + sum_hw(A_k) g_k^3 + epsilon), g_k = d score / d A_k",
  paper: "Chattopadhay et al. 2018, arXiv:1710.11063, eq. 7 and 19",
  limits:
    "No channel counts against the target, so what is salient for any class shows too. Its derivation supposes activations that are not negative.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { epsilon: 0, combine: "sum" },
  write(context, { epsilon, combine }) {
    const { g } = context;
    const [activation, gradient] = [activationMaps(context), gradientMaps(context)];
    const slope = op.relu(g, gradient);
    const total = op.reduceSum(g, activation, [2, 3], true);
    const terms = [g.constant(scalar(2)), op.mul(g, total, slope)];
    if (epsilon > 0) terms.push(op.div(g, g.constant(scalar(epsilon)), op.mul(g, slope, slope)));
    const weights = op.reduceSum(g, op.div(g, slope, op.sum(g, ...terms)), [2, 3], true);
    return combined(g, op.mul(g, weights, activation), combine);
  },
};
