import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { writeCells } from "../../perturb/cells.ts";
import { latinHypercube } from "../../perturb/latin-hypercube.ts";
import { explainMasked } from "../../perturb/masked.ts";

/**
 * HSIC attribution, Novello et al. 2022 (arXiv 2206.06219, section 3): how far the score hangs on whether a cell is shown, by the
 * Hilbert–Schmidt independence criterion, with a Dirac kernel for the cell and a Gaussian one, as wide as the median distance, for the score.
 * Each cell is shown in half of the samples.
 */
export const hsic: AskingMethod<Options<"samples" | "grid" | "baseline">> = {
  name: "hsic",
  title: "HSIC attribution",
  summary: "how far the score and whether a cell is shown hang together, in whatever way",
  formula:
    "raw = trace(K H L H) / (n - 1)^2, K = 1 where two masks show the cell alike, L = exp(-(score_i - score_j)^2 / (2 median^2)), H = I - 1/n",
  paper: "Novello et al. 2022, arXiv:2206.06219, section 3",
  limits:
    "It says how much hangs on a cell, not whether it speaks for or against the target, and has no unit: numbers of two pictures cannot be compared.",
  cost: "samples forward",
  at: "input",
  sign: "positive",
  options: { samples: 500, grid: 7, baseline: "mean" },
  explain(subject, { samples, grid, baseline }) {
    return explainMasked(subject, baseline, async ({ height, width, scores }) => {
      const shown = latinHypercube(samples, grid ** 2, subject.random("cells")).map((axis) =>
        Float64Array.from(axis, (value) => Number(value >= 0.5)),
      );
      const found = await scores(samples, (sample, mask) => {
        const values = shown.map((cell) => cell[sample]!);
        writeCells(values, { grid, height, width }, mask);
      });
      const kernel = centredKernel(found);
      // K is (1 + s_i s_j) / 2 with s = ±1, and the rows of a centred kernel sum to 0.
      const map = shown.map((cell) => {
        let sum = 0;
        for (let i = 0; i < samples; i++)
          for (let j = 0; j < samples; j++)
            sum += (2 * cell[i]! - 1) * (2 * cell[j]! - 1) * kernel[i * samples + j]!;
        return sum / 2 / Math.max(1, samples - 1) ** 2;
      });
      return { map: float32([grid, grid], map) };
    });
  },
};

/** `H L H`, with a Gaussian kernel L as wide as the median distance of two values. */
function centredKernel(values: Float32Array): Float64Array {
  const count = values.length;
  const distances = Float64Array.from({ length: count * count }, (_, at) =>
    Math.abs(values[Math.floor(at / count)]! - values[at % count]!),
  );
  const apart = distances.filter((_, at) => at % count > Math.floor(at / count)).sort();
  const median = apart[Math.floor(apart.length / 2)] ?? 0;
  const kernel = distances.map((distance) =>
    distance === 0 ? 1 : Math.exp(-((distance / median) ** 2) / 2),
  );
  const means = Float64Array.from(values, (_, i) => {
    const row = kernel.subarray(i * count, (i + 1) * count);
    return row.reduce((sum, value) => sum + value, 0) / count;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / count;
  return kernel.map((value, at) => value - means[Math.floor(at / count)]! - means[at % count]! + mean);
}
