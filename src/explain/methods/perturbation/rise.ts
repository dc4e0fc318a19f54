import { resizeMap } from "../../../base/resize.ts";
import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { explainMasked } from "../../perturb/masked.ts";
import type { Subject } from "../../subject.ts";

/**
 * RISE, Petsiuk et al. 2018 (arXiv 1806.07421, section 3.2): masks of a few cells, each shown by chance, enlarged bilinearly and moved by
 * chance. The paper's map, eq. 6, is the mean of the scores weighted by what the masks show of a pixel. Logits have no zero of their own, so we
 * take off the scores' mean and divide by the variance of the mask: the slope of the score by the pixel's share, 0 where nothing hangs on it.
 */
export const rise: AskingMethod<Options<"samples" | "grid" | "area" | "baseline">> = {
  name: "rise",
  title: "RISE",
  summary: "how the score rises with what random masks show of a pixel",
  formula: "raw(p) = sum_i (score_i - mean score) m_i(p) / sum_i (m_i(p) - mean m(p))^2, m_i random masks",
  paper: "Petsiuk et al. 2018, arXiv:1806.07421, eq. 6, as the slope of a regression",
  limits:
    "Its noise falls with the root of the number of masks and looks like evidence: compare two seeds. What it shows is blurred to the size of a mask's cell.",
  cost: "samples forward",
  at: "input",
  sign: "signed",
  options: { samples: 1000, grid: 7, area: 0.5, baseline: "mean" },
  explain(subject, { samples, grid, area, baseline }) {
    return explainMasked(subject, baseline, async ({ height, width, scores }) => {
      const write = (sample: number, mask: Float32Array): void =>
        drawMask(subject, sample, { height, width, grid, area }, mask);
      const found = await scores(samples, write);
      const mean = found.reduce((sum, score) => sum + score, 0) / samples;
      const mask = new Float32Array(height * width);
      const sums = new Float64Array(mask.length);
      const squares = new Float64Array(mask.length);
      const products = new Float64Array(mask.length);
      for (const [sample, score] of found.entries()) {
        write(sample, mask);
        for (let i = 0; i < mask.length; i++) {
          sums[i]! += mask[i]!;
          squares[i]! += mask[i]! ** 2;
          products[i]! += mask[i]! * (score - mean);
        }
      }
      const map = products.map((product, i) => {
        const spread = squares[i]! - sums[i]! ** 2 / samples;
        return spread > 1e-6 ? product / spread : 0;
      });
      return { map: float32([height, width], map) };
    });
  },
};

interface MaskShape extends Options<"grid" | "area"> {
  readonly height: number;
  readonly width: number;
}

/** A mask of `grid` × `grid` cells, enlarged to one cell more than the picture takes and cut to it somewhere. */
function drawMask(
  subject: Subject,
  sample: number,
  { height, width, grid, area }: MaskShape,
  mask: Float32Array,
): void {
  const source = subject.random("mask", sample);
  const cells = Float32Array.from({ length: grid * grid }, () => Number(source.next() < area));
  const [cellHeight, cellWidth] = [Math.ceil(height / grid), Math.ceil(width / grid)];
  const wide = (grid + 1) * cellWidth;
  const enlarged = resizeMap(float32([grid, grid], cells), (grid + 1) * cellHeight, wide);
  const [top, left] = [source.below(cellHeight), source.below(cellWidth)];
  for (let y = 0; y < height; y++) {
    const start = (top + y) * wide + left;
    mask.set(enlarged.data.subarray(start, start + width), y * width);
  }
}
