import { resizeMap } from "../../../base/resize.ts";
import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { explainMasked } from "../../perturb/masked.ts";
import type { Subject } from "../../subject.ts";

/**
 * RISE, Petsiuk et al. 2018 (arXiv 1806.07421, section 3.2): masks of a few cells, each shown by chance, enlarged bilinearly and moved by
 * chance. The paper's map, eq. 5, is the mean score while a pixel is shown; of it we take the mean while it is hidden, so that the map is
 * signed and 0 where nothing hangs on the pixel, as logits have no zero of their own. Both divide by what the masks drawn show of the pixel, not by
 * what they would on average.
 */
export const rise: AskingMethod<Options<"samples" | "grid" | "area" | "baseline">> = {
  name: "rise",
  title: "RISE",
  summary:
    "how much higher the score is on average while a pixel is shown than while it is hidden, under random masks",
  formula: "raw(p) = sum_i score_i m_i(p) / sum_i m_i(p) - sum_i score_i (1 - m_i(p)) / sum_i (1 - m_i(p))",
  paper: "Petsiuk et al. 2018, arXiv:1806.07421, eq. 5, less the same of 1 - m",
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
      const [shown, products] = [new Float64Array(mask.length), new Float64Array(mask.length)];
      for (const [sample, score] of found.entries()) {
        write(sample, mask);
        for (let i = 0; i < mask.length; i++) {
          shown[i]! += mask[i]!;
          products[i]! += mask[i]! * (score - mean);
        }
      }
      // Scores less their mean sum to 0, so what is hidden has the same products with the other sign.
      const map = products.map((product, i) =>
        shown[i]! > 0 && shown[i]! < samples ? product / shown[i]! + product / (samples - shown[i]!) : 0,
      );
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
