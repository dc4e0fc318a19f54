import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * Grad-CAM, Selvaraju et al. 2017 (arXiv 1610.02391): eq. 1, channel weights `w_k`, the mean over positions of the
 * gradient; eq. 2, `relu(Σ_k w_k A_k)`. The raw map stops before the ReLU, so that evidence against the class can be read
 * off it too.
 */
export const gradCam: GraphMethod<Options<"combine">> = {
  name: "grad-cam",
  title: "Grad-CAM",
  summary: "channels weighted by their mean gradient, positive part",
  formula:
    "raw = sum_k w_k A_k, w_k = mean_hw(d logit / d A_k); attribution = relu(raw), upsampled bilinearly",
  paper: "Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2",
  limits:
    "As coarse as its layer. Averaging the gradient over places can light up what the network did not use where a channel matters in one place alone (HiResCAM shows this).",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { combine: "sum" },
  write(context, { combine }) {
    const { g } = context;
    const weights = op.reduceMean(g, gradientMaps(context), [2, 3], true);
    return combined(g, op.mul(g, weights, activationMaps(context)), combine);
  },
};
