import type { Metric } from "../metric.ts";

export const sparseness: Metric = {
  name: "sparseness",
  title: "Sparseness",
  family: "concentration",
  summary: "how unequally relevance is shared out: 0 where all pixels are alike, near 1 where one has all",
  formula: "Gini index of |map|",
  paper: "Chalasani et al. 2020, arXiv:1810.06583",
  better: "higher",
  range: [0, 1],
  needs: [],
  options: {},
  measure({ map }) {
    const sorted = map.data.map(Math.abs).sort();
    const n = sorted.length;
    const total = sorted.reduce((sum, value) => sum + value, 0);
    const weighted = sorted.reduce((sum, value, at) => sum + (2 * (at + 1) - n - 1) * value, 0);
    return { value: total > 0 ? weighted / (n * total) : 0 };
  },
};
