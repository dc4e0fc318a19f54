import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/** Grad-CAM element by element, as pytorch-grad-cam has it: HiResCAM with each channel cut off below zero before the sum. */
export const gradCamElementwise: GraphMethod<Options<"combine">> = {
  name: "grad-cam-elementwise",
  title: "Grad-CAM element-wise",
  summary: "activation times gradient in each place, only what speaks for the target",
  formula: "raw = sum_k relu(g_k A_k), g_k = d score / d A_k",
  paper:
    "pytorch-grad-cam, GradCAMElementWise; HiResCAM's product (arXiv:2011.08891), cut off channel by channel",
  limits:
    "Channels for and against the target in one place do not set each other off, so a map is seldom empty.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { combine: "sum" },
  write(context, { combine }) {
    const { g } = context;
    const [activation, gradient] = [activationMaps(context), gradientMaps(context)];
    return combined(g, op.relu(g, op.mul(g, gradient, activation)), combine);
  },
};
