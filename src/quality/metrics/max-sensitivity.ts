import { rangeOf } from "../../base/range.ts";
import type { Options } from "../../explain/method.ts";
import type { Metric } from "../metric.ts";
import { batchOf } from "../trial.ts";

/** How far a number of the picture moves at most, as a share of the picture's range. */
const RADIUS = 0.02;

export const maxSensitivity: Metric<Options<"samples">> = {
  name: "max-sensitivity",
  title: "Max-sensitivity",
  family: "robustness",
  summary: "how much the map changes at most when the picture changes by what an eye does not see",
  formula:
    "max over samples of ‖map(picture + u) − map(picture)‖ / ‖map(picture)‖, u uniform within 2% of the range",
  paper: "Yeh et al. 2019, arXiv:1901.09392, relative to the map as in Captum",
  better: "lower",
  range: [0, Number.POSITIVE_INFINITY],
  needs: ["method"],
  options: { samples: 10 },
  async measure(trial, { samples }) {
    const { map, again, inputs, random } = trial;
    const [least, most] = rangeOf(inputs.data);
    const radius = RADIUS * (most - least);
    let worst = 0;
    for (let sample = 0; sample < samples; sample++) {
      const source = random("nearby", sample);
      const nearby = batchOf(trial, {
        count: 1,
        change(_, into) {
          for (let at = 0; at < into.length; at++) into[at]! += source.uniform(-radius, radius);
        },
      });
      const [moved] = await again!({ inputs: nearby });
      worst = Math.max(worst, norm(moved!.data.map((value, at) => value - map.data[at]!)));
    }
    return { value: worst / (norm(map.data) || 1) };
  },
};

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}
