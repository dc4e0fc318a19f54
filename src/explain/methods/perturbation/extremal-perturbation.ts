import { UserError } from "../../../base/errors.ts";
import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { cellSums, writeCells } from "../../perturb/cells.ts";
import { explainMasked } from "../../perturb/masked.ts";
import { smoothMasks } from "../../perturb/smooth-mask.ts";
import { eachGradient } from "../../questions.ts";

/** Adam's. */
const [RATE, MOMENTUM, SQUARES] = [0.05, 0.9, 0.99];
/** Weight of the area's error at the first step and at the last, where all the picture brings counts 1. */
const [FIRST, LAST] = [5, 300];
/** Cells along a side: each is smoothed with all within a quarter of the side. */
const MOST_CELLS = 64;

/**
 * Extremal perturbation, Fong et al. 2019 (arXiv 1910.08485, section 3): the smooth mask of a given area under which the score is highest. Its
 * cells in order of their values are held near `1 − area` zeros and `area` ones, the more firmly the longer it is searched, from the whole picture on; by Adam, where the
 * paper has gradient descent with momentum.
 */
export const extremalPerturbation: AskingMethod<Options<"area" | "steps" | "grid" | "baseline">> = {
  name: "extremal-perturbation",
  title: "Extremal perturbation",
  summary:
    "the part of the picture, of a given area, that brings the highest score when nothing else is shown",
  formula:
    "raw = m = argmax_m score(m x + (1 - m) baseline) / |score(x) - score(baseline)| - lambda mean((sort(m) - r)^2), r = 1 - area zeros and area ones",
  paper: "Fong et al. 2019, arXiv:1910.08485, section 3",
  limits:
    "The mask is what a search found, and another may do as well. It shows an area of the size asked for, whether the target needs more or less: compare the score under the mask (scoreShown in the record) with the picture's.",
  cost: "steps forward and backward",
  at: "input",
  sign: "positive",
  options: { area: 0.1, steps: 100, grid: 28, baseline: "blur" },
  explain(subject, { area, steps, grid, baseline: spec }) {
    if (grid > MOST_CELLS)
      throw new UserError(
        `A grid of ${grid} is finer than the search can smooth; take at most ${MOST_CELLS}.`,
      );
    return explainMasked(subject, spec, async ({ height, width, input, baseline, rows, scores }) => {
      const shape = { grid, height, width };
      const ends = await scores(2, (row, mask) => mask.fill(row));
      const scale = Math.abs(ends[1]! - ends[0]!) || 1;
      const smoothed = smoothMasks(grid);
      const values = new Float64Array(grid ** 2).fill(1);
      const byPixel = new Float32Array(input.data.length);
      const ascend = adam(values);
      for (let step = 0; step < steps; step++) {
        const { mask, back } = smoothed(values);
        const slopes = areaSlopes(mask, area, FIRST * (LAST / FIRST) ** (step / steps));
        const shown = rows(1, (_, pixels) => writeCells(mask, shape, pixels));
        await eachGradient(subject, shown, (_, { gradient }) => {
          for (let i = 0; i < gradient.length; i++)
            byPixel[i] = (gradient[i]! * (input.data[i]! - baseline[i]!)) / scale;
          for (const [cell, slope] of cellSums(byPixel, shape).entries()) slopes[cell]! += slope;
        });
        ascend(back(slopes));
      }
      const { mask } = smoothed(values);
      const [score] = await scores(1, (_, pixels) => writeCells(mask, shape, pixels));
      const attained = mask.reduce((sum, value) => sum + value, 0) / mask.length;
      return {
        map: float32([grid, grid], mask),
        checks: { scoreShown: score!, scoreAtBaseline: ends[0]!, area: attained },
      };
    });
  },
};

/** Slopes of `−weight · mean((sort(m) − r)²)`, with r 0 in the beginning and 1 for the last `area`. */
function areaSlopes(mask: Float64Array, area: number, weight: number): Float64Array {
  const order = Array.from(mask, (_, cell) => cell).sort((a, b) => mask[a]! - mask[b]! || a - b);
  const slopes = new Float64Array(mask.length);
  for (const [place, cell] of order.entries()) {
    const wanted = Number(place >= Math.round((1 - area) * mask.length));
    slopes[cell] = (2 * weight * (wanted - mask[cell]!)) / mask.length;
  }
  return slopes;
}

/** Changes values within 0…1 by their slopes, upwards (Kingma and Ba 2015, algorithm 1). */
function adam(values: Float64Array): (slopes: Float64Array) => void {
  const [means, squares] = [new Float64Array(values.length), new Float64Array(values.length)];
  let [meanShare, squareShare] = [1, 1];
  return (slopes) => {
    meanShare *= MOMENTUM;
    squareShare *= SQUARES;
    for (const [at, slope] of slopes.entries()) {
      means[at] = MOMENTUM * means[at]! + (1 - MOMENTUM) * slope;
      squares[at] = SQUARES * squares[at]! + (1 - SQUARES) * slope ** 2;
      const step = means[at]! / (1 - meanShare) / (Math.sqrt(squares[at]! / (1 - squareShare)) + 1e-12);
      values[at] = Math.min(1, Math.max(0, values[at]! + RATE * step));
    }
  };
}
