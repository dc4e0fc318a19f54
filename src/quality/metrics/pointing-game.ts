import { rangeOf } from "../../base/range.ts";
import type { Metric } from "../metric.ts";

export const pointingGame: Metric = {
  name: "pointing-game",
  title: "Pointing game",
  family: "localization",
  summary: "in which part of the pictures the map is highest where the evidence is known to lie",
  formula: "mean of [argmax(map) lies in the mask]; of several highest pixels the share that does",
  paper: "Zhang et al. 2016 (excitation backprop), arXiv:1608.00507, without their margin of 15 pixels",
  better: "higher",
  range: [0, 1],
  needs: ["mask"],
  options: {},
  measure({ map, mask }) {
    const [, most] = rangeOf(map.data);
    let [highest, hits] = [0, 0];
    for (const [at, value] of map.data.entries())
      if (value === most) {
        highest++;
        hits += mask![at]!;
      }
    return { value: hits / highest };
  },
};
