import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { gaussianNoise, gradientMoments } from "../../noisy-gradients.ts";

/** Smilkov et al. 2017 (arXiv 1706.03825), section 3: the mean gradient of noisy copies of the picture. */
export const smoothgrad: AskingMethod<Options<"samples" | "noise">> = {
  name: "smoothgrad",
  title: "SmoothGrad",
  summary: "the gradient with its noise taken out: the mean over noisy copies of the picture",
  formula: "raw = mean over samples of d score / d x at x + e, e ~ N(0, (noise * (max x - min x))^2)",
  paper: "Smilkov et al. 2017, arXiv:1706.03825, section 3",
  limits:
    "It explains the network as it is among noisy pictures, which it may never have seen. Signs cancel: what is up in one copy and down in the next fades away.",
  cost: "samples forward and backward",
  at: "input",
  sign: "signed",
  options: { samples: 50, noise: 0.15 },
  async explain(subject, { samples, noise }) {
    const { first } = await gradientMoments(subject, samples, gaussianNoise(subject, noise));
    return { values: float32(subject.inputs.shape, first) };
  },
};
