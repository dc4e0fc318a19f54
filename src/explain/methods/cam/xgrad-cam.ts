import { scalar } from "../../../base/tensor.ts";
import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * XGrad-CAM, Fu et al. 2020 (arXiv 2008.02312): the weights that come nearest to adding up to the score (sensitivity,
 * conservation). `epsilon` is ours, for maps of zeros, which any weight leaves zeros.
 */
export const xgradCam: GraphMethod<Options<"epsilon" | "combine">> = {
  name: "xgrad-cam",
  title: "XGrad-CAM",
  summary: "channels weighted by their gradients where they are active",
  formula: "raw = sum_k w_k A_k, w_k = sum_hw(g_k A_k) / (sum_hw(A_k) + epsilon), g_k = d score / d A_k",
  paper: "Fu et al. 2020, arXiv:2008.02312",
  limits:
    "A channel whose positive and negative activations cancel, as behind GELU or a normalization, gets a huge weight for no reason.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { epsilon: 1e-7, combine: "sum" },
  write(context, { epsilon, combine }) {
    const { g } = context;
    const [activation, gradient] = [activationMaps(context), gradientMaps(context)];
    const sum = (maps: typeof activation) => op.reduceSum(g, maps, [2, 3], true);
    const total = op.add(g, sum(activation), g.constant(scalar(epsilon)));
    const weights = op.div(g, sum(op.mul(g, gradient, activation)), total);
    return combined(g, op.mul(g, weights, activation), combine);
  },
};
