import { UserError } from "../../../base/errors.ts";
import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import type { Extent } from "../../option.ts";
import { explainMasked } from "../../perturb/masked.ts";

/**
 * Occlusion, Zeiler and Fergus 2014 (arXiv 1311.2901, section 4.2): the drop of the score while a window hides a part of the picture. Windows
 * begin at multiples of the stride, as far as one still reaches the edge, and are cut off there; a pixel has the mean over those that cover
 * it.
 */
export const occlusion: AskingMethod<Options<"window" | "stride" | "baseline">> = {
  name: "occlusion",
  title: "Occlusion",
  summary: "how far the score drops while a window hides a part of the picture",
  formula:
    "raw(p) = mean over the windows w that cover p of score(x) - score(x with w replaced by the baseline)",
  paper: "Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2",
  limits:
    "Parts that can stand in for each other seem not to matter, as one is hidden at a time. What a window leaves behind may itself be seen as something, and the scale of the map is the window's.",
  cost: "1 forward for each window",
  at: "input",
  sign: "signed",
  options: { window: 24, stride: 12, baseline: "mean" },
  explain(subject, { window, stride, baseline }) {
    return explainMasked(subject, baseline, async ({ height, width, scores }) => {
      const [rows, columns] = [spansOf(height, 0, window, stride), spansOf(width, 1, window, stride)];
      const windows = rows.flatMap((row) => columns.map((column) => ({ row, column })));
      const found = await scores(windows.length + 1, (at, mask) => {
        mask.fill(1);
        if (at === 0) return;
        const { row, column } = windows[at - 1]!;
        for (let y = row.start; y < row.end; y++)
          mask.fill(0, y * width + column.start, y * width + column.end);
      });
      const [sums, counts] = [new Float64Array(height * width), new Uint32Array(height * width)];
      for (const [at, { row, column }] of windows.entries())
        for (let y = row.start; y < row.end; y++)
          for (let x = column.start; x < column.end; x++) {
            sums[y * width + x]! += found[0]! - found[at + 1]!;
            counts[y * width + x]!++;
          }
      return {
        map: float32(
          [height, width],
          sums.map((sum, i) => sum / counts[i]!),
        ),
      };
    });
  },
};

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where windows lie along an axis. */
function spansOf(extent: number, axis: 0 | 1, window: Extent, stride: Extent): Span[] {
  const along = (option: Extent): number => (typeof option === "number" ? option : option[axis]);
  const [length, step] = [along(window), along(stride)];
  if (step > length)
    throw new UserError(
      `A stride of ${step} passes over pixels between windows of ${length}; take at most ${length}.`,
    );
  const count = 1 + Math.max(0, Math.ceil((extent - length) / step));
  return Array.from({ length: count }, (_, at) => ({
    start: at * step,
    end: Math.min(extent, at * step + length),
  }));
}
