import { confidenceOf } from "../highlighted.ts";
import type { Metric } from "../metric.ts";

export const averageIncrease: Metric = {
  name: "average-increase",
  title: "Average increase",
  family: "masking",
  summary: "in which part of the pictures the class is more probable where only the evidence is shown",
  formula: "mean of [q > p], p and q as for average drop",
  paper: "Chattopadhay et al. 2018 (Grad-CAM++), arXiv:1710.11063, as a share rather than in percent",
  better: "higher",
  range: [0, 1],
  needs: ["probability"],
  options: {},
  async measure(trial) {
    const { whole, highlighted } = await confidenceOf(trial);
    return { value: highlighted > whole ? 1 : 0 };
  },
};
