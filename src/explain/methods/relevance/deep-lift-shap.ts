import { baselinesOf } from "../../baseline.ts";
import { deepLiftOf } from "../../deep-lift.ts";
import type { AskingMethod, Options } from "../../method.ts";

/**
 * DeepLIFT in the mean over several baselines, which approximates Shapley values: Lundberg and Lee 2017 (arXiv 1705.07874), section 4.2, with
 * the Rescale rule. Their baselines are pictures of the training set: a tensor `[B, C, H, W]`.
 */
export const deepLiftShap: AskingMethod<Options<"baseline">> = {
  name: "deep-lift-shap",
  title: "DeepLIFT SHAP",
  summary:
    "DeepLIFT in the mean over several baselines, so that no single one decides what counts as nothing",
  formula: "raw = mean over baselines b of DeepLIFT(x, b)",
  paper: "Lundberg and Lee 2017, arXiv:1705.07874, section 4.2",
  limits:
    "Only as good as its baselines; give pictures of the training set where there are some. Shapley values it gives for networks that are sums of functions of single pixels alone.",
  cost: "2 forward, 1 backward for each baseline",
  at: "input",
  sign: "signed",
  options: { baseline: "extremes" },
  explain: (subject, { baseline }) => deepLiftOf(subject, baselinesOf(subject, baseline)),
};
