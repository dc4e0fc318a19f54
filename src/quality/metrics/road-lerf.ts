import type { Metric } from "../metric.ts";
import { meanOf, roadOf } from "../road.ts";

export const roadLerf: Metric = {
  name: "road-lerf",
  title: "ROAD, least relevant first",
  family: "removal",
  summary: "how the class's probability changes as the least relevant pixels are painted over from around",
  formula:
    "mean over 10, 20 … 90% of the pixels, the least relevant first, of p(class | imputed) − p(class | picture)",
  paper: "Rong et al. 2022 (LeRF), arXiv:2202.00449; pixels by noisy linear imputation",
  better: "higher",
  range: [-1, 1],
  needs: ["probability"],
  options: {},
  async measure(trial) {
    const { lerf } = await roadOf(trial);
    return { value: meanOf(lerf), curves: { lerf } };
  },
};
