import type { Metric } from "../metric.ts";
import { meanOf, roadOf } from "../road.ts";

export const road: Metric = {
  name: "road",
  title: "ROAD",
  family: "removal",
  summary:
    "what more is lost when the most relevant pixels are painted over from around than when the least relevant are",
  formula: "(road-lerf − road-morf) / 2",
  paper: "Rong et al. 2022, arXiv:2202.00449; combined as pytorch-grad-cam does",
  better: "higher",
  range: [-1, 1],
  needs: ["probability"],
  options: {},
  async measure(trial) {
    const { morf, lerf } = await roadOf(trial);
    return { value: (meanOf(lerf) - meanOf(morf)) / 2, curves: { morf, lerf } };
  },
};
