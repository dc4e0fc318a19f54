import { confidenceOf } from "../highlighted.ts";
import type { Metric } from "../metric.ts";

export const averageGain: Metric = {
  name: "average-gain",
  title: "Average gain",
  family: "masking",
  summary: "which part of what it lacked to certainty the class gains where only the evidence is shown",
  formula: "mean of max(0, q − p) / (1 − p), p and q as for average drop",
  paper: "Zhang et al. 2024 (Opti-CAM), arXiv:2301.07002",
  better: "higher",
  range: [0, 1],
  needs: ["probability"],
  options: {},
  async measure(trial) {
    const { whole, highlighted } = await confidenceOf(trial);
    return { value: whole < 1 ? Math.max(0, highlighted - whole) / (1 - whole) : 0 };
  },
};
