import type { Metric } from "../metric.ts";

export const relevanceMass: Metric = {
  name: "relevance-mass",
  title: "Relevance mass accuracy",
  family: "localization",
  summary: "which part of what speaks for the class lies where the evidence is known to lie",
  formula: "Σ max(0, map) in the mask / Σ max(0, map); 0 where nothing is above zero",
  paper: "Arras, Osman and Samek 2022 (CLEVR-XAI), arXiv:2003.07258",
  better: "higher",
  range: [0, 1],
  needs: ["mask"],
  options: {},
  measure({ map, mask }) {
    let [inside, all] = [0, 0];
    for (const [at, value] of map.data.entries())
      if (value > 0) {
        all += value;
        inside += value * mask![at]!;
      }
    return { value: all > 0 ? inside / all : 0 };
  },
};
