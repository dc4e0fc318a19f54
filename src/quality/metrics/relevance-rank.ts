import type { Metric } from "../metric.ts";
import { pixelsByRelevance } from "../ranking.ts";

export const relevanceRank: Metric = {
  name: "relevance-rank",
  title: "Relevance rank accuracy",
  family: "localization",
  summary: "of as many pixels as hold the evidence, the most relevant: which part of them does",
  formula: "|the K most relevant pixels ∩ the mask| / K, K the pixels of the mask",
  paper: "Arras, Osman and Samek 2022 (CLEVR-XAI), arXiv:2003.07258",
  better: "higher",
  range: [0, 1],
  needs: ["mask"],
  options: {},
  measure(trial) {
    const mask = trial.mask!;
    const size = mask.reduce((sum, inside) => sum + inside, 0);
    const hits = pixelsByRelevance(trial)
      .subarray(0, size)
      .reduce((sum, at) => sum + mask[at]!, 0);
    return { value: hits / size };
  },
};
