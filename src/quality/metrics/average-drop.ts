import { confidenceOf } from "../highlighted.ts";
import type { Metric } from "../metric.ts";

export const averageDrop: Metric = {
  name: "average-drop",
  title: "Average drop",
  family: "masking",
  summary: "which part of its probability the class loses where only the evidence is shown",
  formula:
    "mean of max(0, p − q) / p, p = p(class | picture), q = p(class | picture · map), of the map what is above zero, brought to [0, 1]",
  paper: "Chattopadhay et al. 2018 (Grad-CAM++), arXiv:1710.11063, as a share rather than in percent",
  better: "lower",
  range: [0, 1],
  needs: ["probability"],
  options: {},
  async measure(trial) {
    const { whole, highlighted } = await confidenceOf(trial);
    return { value: whole > 0 ? Math.max(0, whole - highlighted) / whole : 0 };
  },
};
