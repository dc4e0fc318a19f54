import type { Metric } from "../metric.ts";
import { meanOf, roadOf } from "../road.ts";

export const roadMorf: Metric = {
  name: "road-morf",
  title: "ROAD, most relevant first",
  family: "removal",
  summary: "how the class's probability changes as the most relevant pixels are painted over from around",
  formula:
    "mean over 10, 20 … 90% of the pixels, the most relevant first, of p(class | imputed) − p(class | picture)",
  paper: "Rong et al. 2022 (MoRF), arXiv:2202.00449; pixels by noisy linear imputation",
  better: "lower",
  range: [-1, 1],
  needs: ["probability"],
  options: {},
  async measure(trial) {
    const { morf } = await roadOf(trial);
    return { value: meanOf(morf), curves: { morf } };
  },
};
