import * as op from "../../../graph/operators/index.ts";
import { principalMaps } from "../../cam/principal-maps.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod } from "../../method.ts";

/**
 * Eigen-CAM (arXiv 2008.00299) of activation times gradient, as pytorch-grad-cam has it. The component's sign is chosen so that
 * the map goes with the sum over the channels, HiResCAM.
 */
export const eigenGradCam: GraphMethod = {
  name: "eigen-grad-cam",
  title: "Eigen-Grad-CAM",
  summary: "the first principal component of activation times gradient",
  formula:
    "raw = M v, M = g * A [h*w, C] less its column means, v = its first right singular vector, g = d score / d A",
  paper: "pytorch-grad-cam, EigenGradCAM; Muhammad and Yeasin 2020, arXiv:2008.00299",
  limits:
    "Zero is the mean over the places, so about half of a map is positive however little speaks for the target.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: {},
  write(context) {
    const [activation, gradient] = [activationMaps(context), gradientMaps(context)];
    return principalMaps(context.g, op.mul(context.g, gradient, activation));
  },
};
