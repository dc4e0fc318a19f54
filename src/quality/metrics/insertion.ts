import { baselineOf } from "../../explain/baseline.ts";
import type { Options } from "../../explain/method.ts";
import { areaUnder, crossing } from "../crossing.ts";
import type { Metric } from "../metric.ts";

export const insertion: Metric<Options<"steps" | "baseline">> = {
  name: "insertion",
  title: "Insertion",
  family: "removal",
  summary: "how fast the class is found as the most relevant pixels come into a blurred picture",
  formula:
    "area under p(class) over the share of pixels set from the baseline to the picture, the most relevant first",
  paper: "Petsiuk, Das and Saenko 2018 (RISE), arXiv:1806.07421",
  better: "higher",
  range: [0, 1],
  needs: ["probability"],
  options: { steps: 50, baseline: "blur" },
  async measure(trial, { steps, baseline }) {
    const curve = await crossing(trial, baselineOf(trial, baseline).data, trial.inputs.data, steps);
    return { value: areaUnder(curve), curves: { probability: curve } };
  },
};
