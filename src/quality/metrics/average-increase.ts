import { confidenceOf } from "../highlighted.ts";
import type { Metric } from "../metric.ts";

export const averageIncrease: Metric = {
  name: "average-increase",
  title: "Average increase",
  family: "masking",
  summary: "in which part of the pictures the class is more probable where only the evidence is shown",
  formula: "mean of [p(class | picture · map) > p(class | picture)]",
  paper: "Chattopadhay et al. 2018 (Grad-CAM++), as a share rather than in percent",
  better: "higher",
  range: [0, 1],
  needs: ["probability"],
  options: {},
  async measure(trial) {
    const { whole, highlighted } = await confidenceOf(trial);
    return { value: highlighted > whole ? 1 : 0 };
  },
};
