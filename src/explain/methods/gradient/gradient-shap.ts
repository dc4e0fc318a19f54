import { float32 } from "../../../base/tensor.ts";
import { baselinesOf } from "../../baseline.ts";
import { completeness } from "../../completeness.ts";
import { drawn, expectedGradientsOf, meanScores } from "../../expected-gradients.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { gaussianNoise } from "../../noisy-gradients.ts";

/**
 * The gradient explainer of Lundberg and Lee's SHAP (2017, arXiv 1705.07874), which has no paper of its own: expected gradients with noise on
 * the picture, an estimate of Shapley values under the assumption that pixels are independent and the network linear between them.
 */
export const gradientShap: AskingMethod<Options<"samples" | "noise" | "baseline">> = {
  name: "gradient-shap",
  title: "GradientSHAP",
  summary: "expected gradients of noisy copies of the picture",
  formula:
    "raw = mean over baselines b, a ~ U(0, 1) and e ~ N(0, (noise * (max x - min x))^2) of (x + e - b) * d score / d x at b + a (x + e - b)",
  paper: "Lundberg and Lee 2017, arXiv:1705.07874; slundberg/shap, GradientExplainer",
  limits:
    "Shapley values only of networks that are nearly linear. Noise and drawn places leave completeness to the mean: take more samples where it is off.",
  cost: "samples forward and backward",
  at: "input",
  sign: "signed",
  options: { samples: 100, noise: 0.05, baseline: "extremes" },
  async explain(subject, { samples, noise, baseline }) {
    const baselines = baselinesOf(subject, baseline);
    const draws = drawn(subject, baselines, samples);
    const values = await expectedGradientsOf(subject, baselines, draws, gaussianNoise(subject, noise));
    const before = await meanScores(subject, baselines);
    return {
      values: float32(subject.inputs.shape, values),
      checks: await completeness(subject, values, before),
    };
  },
};
