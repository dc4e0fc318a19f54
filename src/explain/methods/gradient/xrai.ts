import { float32, type Tensor } from "../../../base/tensor.ts";
import { baselinesOf } from "../../baseline.ts";
import { integratedGradientsOf } from "../../integrated-gradients.ts";
import { channelsJoined } from "../../maps.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { rankedRegions } from "../../regions.ts";
import { dilatedSegments } from "../../segments/dilated.ts";
import { felzenszwalb } from "../../segments/felzenszwalb.ts";
import { levelsOf } from "../../segments/levels.ts";

/**
 * Kapishnikov et al. 2019 (arXiv 1906.02825), section 3: integrated gradients, in the mean over a dark and a bright baseline, gathered in
 * segments of six sizes, the densest first. Numbers are those of the authors' code, which brings pictures to 224 × 224 pixels first; here
 * they are brought to the picture's size. Of a pixel's channels the largest counts, as there.
 */
export const xrai: AskingMethod<Options<"steps" | "rule" | "baseline">> = {
  name: "xrai",
  title: "XRAI",
  summary: "whole regions by how much integrated gradients they hold, the densest first",
  formula:
    "raw = mean over a region's pixels not yet in another of max over channels of the integrated gradients",
  paper: "Kapishnikov et al. 2019, arXiv:1906.02825, section 3",
  limits:
    "As right as the segments: a region is lit as a whole though a part of it counts. Small things vanish in large segments.",
  cost: "baselines × steps forward and backward",
  at: "input",
  sign: "signed",
  options: { steps: 50, rule: "graded", baseline: "extremes" },
  async explain(subject, { steps, rule, baseline }) {
    const { inputs, model } = subject;
    const [pictures, channels, height, width] = inputs.shape as [number, number, number, number];
    const baselines = baselinesOf(subject, baseline);
    const size = channels * height * width;
    const attribution = new Float32Array(inputs.data.length);
    for (let index = 0; index < baselines.count; index++) {
      const from = new Float32Array(inputs.data.length);
      for (let at = 0; at < pictures; at++) from.set(baselines.of(at, index), at * size);
      const values = await integratedGradientsOf(subject, float32(inputs.shape, from), rule, steps);
      for (const [i, value] of values.entries()) attribution[i]! += value / baselines.count;
    }
    const maps = new Float32Array(pictures * height * width);
    const part = (data: Float32Array, at: number): Tensor<"float32"> =>
      float32([channels, height, width], data.subarray(at * size, (at + 1) * size));
    for (let at = 0; at < pictures; at++) {
      const levels = levelsOf(model.input, part(inputs.data, at));
      const map = channelsJoined(part(attribution, at), "max");
      maps.set(ranked(map.data, levels), at * height * width);
    }
    return { values: float32([pictures, height, width], maps) };
  },
};

// For 224 × 224 pixels in levels 0…255. The authors' scales are twice as large, as are their numbers: −1…1 where skimage expects 0…1.
const SCALES = [25, 50, 75, 125, 250, 600];
const LEAST_PIXELS = 150;
const RADIUS = 5;
const LEAST_NEW = 50;

function ranked(attribution: Float32Array, levels: Tensor<"float32">): Float32Array {
  const [, height, width] = levels.shape as [number, number, number];
  const area = (height * width) / 224 ** 2;
  const regions = SCALES.flatMap((scale) => {
    const labels = felzenszwalb(levels, {
      scale: scale * area,
      deviation: 0.8,
      least: Math.ceil(LEAST_PIXELS * area),
    });
    return dilatedSegments(labels, width, Math.round(RADIUS * Math.sqrt(area)));
  });
  return rankedRegions(attribution, regions, Math.ceil(LEAST_NEW * area));
}
