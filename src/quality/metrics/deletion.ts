import { baselineOf } from "../../explain/baseline.ts";
import type { Options } from "../../explain/method.ts";
import { areaUnder, crossing } from "../crossing.ts";
import type { Metric } from "../metric.ts";

export const deletion: Metric<Options<"steps" | "baseline">> = {
  name: "deletion",
  title: "Deletion",
  family: "removal",
  summary: "how fast the class is lost as the most relevant pixels are taken away",
  formula: "area under p(class) over the share of pixels set to the baseline, the most relevant first",
  paper:
    "Petsiuk, Das and Saenko 2018 (RISE), arXiv:1806.07421; pixels become the picture's mean color, where the paper takes the data's",
  better: "lower",
  range: [0, 1],
  needs: ["probability"],
  options: { steps: 50, baseline: "mean" },
  async measure(trial, { steps, baseline }) {
    const curve = await crossing(trial, trial.inputs.data, baselineOf(trial, baseline).data, steps);
    return { value: areaUnder(curve), curves: { probability: curve } };
  },
};
