import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { writeCells } from "../../perturb/cells.ts";
import { latinHypercube } from "../../perturb/latin-hypercube.ts";
import { explainMasked } from "../../perturb/masked.ts";

/**
 * Sobol' attribution, Fel et al. 2021 (arXiv 2111.04138, section 3): how much of the score's variance under random masks goes away when all
 * cells but one are fixed, alone and in concert with the others: total indices, by Jansen's estimator. The points are a Latin hypercube, where
 * the paper has a Sobol' sequence, whose columns repeat when there are more cells than points.
 */
export const sobol: AskingMethod<Options<"samples" | "grid" | "baseline">> = {
  name: "sobol",
  title: "Sobol' attribution",
  summary: "share of the score's variance under random masks that a cell has a part in",
  formula:
    "raw = sum_i (score(A_i) - score(A_i with the cell's value of B_i))^2 / (2 n Var(score(A))), A and B random masks in [0, 1]",
  paper:
    "Fel et al. 2021, arXiv:2111.04138, section 3; estimated as Jansen 1999, doi:10.1016/S0010-4655(98)00154-4",
  limits:
    "It says how much hangs on a cell, not whether it speaks for or against the target. Shares of all cells add up to more than 1 where cells act together.",
  cost: "samples forward for each cell",
  at: "input",
  sign: "positive",
  options: { samples: 16, grid: 7, baseline: "mean" },
  explain(subject, { samples, grid, baseline }) {
    return explainMasked(subject, baseline, async ({ height, width, scores }) => {
      const cells = grid ** 2;
      const [a, b] = ["A", "B"].map((name) => latinHypercube(samples, cells, subject.random(name)));
      // First all of A, then for each cell all of A with that cell of B.
      const found = await scores(samples * (1 + cells), (row, mask) => {
        const [block, sample] = [Math.floor(row / samples), row % samples];
        const point = a!.map((axis, cell) => (cell === block - 1 ? b![cell]! : axis)[sample]!);
        writeCells(point, { grid, height, width }, mask);
      });
      const plain = found.subarray(0, samples);
      const mean = plain.reduce((sum, score) => sum + score, 0) / samples;
      const variance = plain.reduce((sum, score) => sum + (score - mean) ** 2, 0) / samples;
      const map = Float32Array.from({ length: cells }, (_, cell) => {
        const changed = found.subarray((1 + cell) * samples, (2 + cell) * samples);
        const squares = changed.reduce((sum, score, at) => sum + (score - plain[at]!) ** 2, 0);
        return squares === 0 ? 0 : squares / (2 * samples * variance);
      });
      return { map: float32([grid, grid], map) };
    });
  },
};
