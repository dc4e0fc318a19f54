import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { gaussianNoise, gradientMoments } from "../../noisy-gradients.ts";

/** Hooker et al. 2019 (arXiv 1806.10758), section 3.2: as SmoothGrad, with each gradient squared before the mean. */
export const smoothgradSquared: AskingMethod<Options<"samples" | "noise">> = {
  name: "smoothgrad-squared",
  title: "SmoothGrad²",
  summary:
    "where the score is steep in noisy copies of the picture, whichever way: the mean of squared gradients",
  formula: "raw = mean over samples of (d score / d x at x + e)^2, e ~ N(0, (noise * (max x - min x))^2)",
  paper: "Hooker et al. 2019, arXiv:1806.10758, section 3.2",
  limits:
    "Without a sign: evidence for and against look alike. In units of the score squared, so a few pixels outshine the rest.",
  cost: "samples forward and backward",
  at: "input",
  sign: "positive",
  options: { samples: 50, noise: 0.15 },
  async explain(subject, { samples, noise }) {
    const { second } = await gradientMoments(subject, samples, gaussianNoise(subject, noise));
    return { values: float32(subject.inputs.shape, second) };
  },
};
