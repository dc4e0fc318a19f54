import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * HiResCAM, Draelos and Carin 2020 (arXiv 2011.08891): each place's own gradient, where Grad-CAM takes the mean over
 * places.
 */
export const hiresCam: GraphMethod<Options<"combine">> = {
  name: "hires-cam",
  title: "HiResCAM",
  summary: "activation times gradient in each place",
  formula: "raw = sum_k g_k A_k, g_k = d score / d A_k",
  paper: "Draelos and Carin 2020, arXiv:2011.08891",
  limits:
    "Adds up to the score, and so shows what the network used, only where all behind the layer is linear but for a bias.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { combine: "sum" },
  write(context, { combine }) {
    const [activation, gradient] = [activationMaps(context), gradientMaps(context)];
    return combined(context.g, op.mul(context.g, gradient, activation), combine);
  },
};
