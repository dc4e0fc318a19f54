import type { Metric } from "../metric.ts";

export const complexity: Metric = {
  name: "complexity",
  title: "Complexity",
  family: "concentration",
  summary: "how many pixels it takes to tell the map: the logarithm of their number where all are alike",
  formula: "−Σ s log s, s = |map| / Σ |map|",
  paper: "Bhatt, Weller and Moura 2020, arXiv:2005.00631",
  better: "lower",
  range: [0, Number.POSITIVE_INFINITY],
  needs: [],
  options: {},
  measure({ map }) {
    const total = map.data.reduce((sum, value) => sum + Math.abs(value), 0);
    // A map that is zero everywhere tells no pixel from another.
    if (total === 0) return { value: Math.log(map.data.length) };
    let entropy = 0;
    for (const value of map.data) {
      const share = Math.abs(value) / total;
      if (share > 0) entropy -= share * Math.log(share);
    }
    return { value: entropy };
  },
};
