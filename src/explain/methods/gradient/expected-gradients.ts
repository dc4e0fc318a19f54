import { float32 } from "../../../base/tensor.ts";
import { baselinesOf } from "../../baseline.ts";
import { completeness } from "../../completeness.ts";
import { drawn, expectedGradientsOf, meanScores } from "../../expected-gradients.ts";
import type { AskingMethod, Options } from "../../method.ts";

/**
 * Erion et al. 2021 (arXiv 1906.10670), eq. 2: integrated gradients in the mean over baselines, by drawing places on the ways. The paper draws
 * baselines too, and places independently; here each baseline gets as many draws as the others, spread evenly over its way, which brings the
 * mean nearer. The paper's baselines are pictures of the training set: a tensor `[B, C, H, W]`.
 */
export const expectedGradients: AskingMethod<Options<"samples" | "baseline">> = {
  name: "expected-gradients",
  title: "Expected gradients",
  summary:
    "integrated gradients from many baselines at once, so that no single one decides what counts as nothing",
  formula: "raw = mean over baselines b and a ~ U(0, 1) of (x - b) * d score / d x at b + a (x - b)",
  paper: "Erion et al. 2021, arXiv:1906.10670, eq. 2",
  limits:
    "Only as good as its baselines; give pictures of the training set where there are some. Places are drawn: take more samples where completeness is off.",
  cost: "samples forward and backward",
  at: "input",
  sign: "signed",
  options: { samples: 100, baseline: "extremes" },
  async explain(subject, { samples, baseline }) {
    const baselines = baselinesOf(subject, baseline);
    const values = await expectedGradientsOf(subject, baselines, drawn(subject, baselines, samples));
    const before = await meanScores(subject, baselines);
    return {
      values: float32(subject.inputs.shape, values),
      checks: await completeness(subject, values, before),
    };
  },
};
