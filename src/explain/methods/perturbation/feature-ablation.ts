import type { AskingMethod, Options } from "../../method.ts";
import { explainSegments } from "../../perturb/segmented.ts";

/** Each segment hidden by itself, as in Captum's `FeatureAblation`: occlusion with windows that follow the picture. */
export const featureAblation: AskingMethod<Options<"mask" | "segments" | "baseline">> = {
  name: "feature-ablation",
  title: "Feature ablation",
  summary: "how far the score drops when one segment is hidden",
  formula: "raw(p) = score(x) - score(x with the segment of p replaced by the baseline)",
  paper:
    "Robnik-Šikonja and Kononenko 2008, doi:10.1109/TKDE.2007.190734, the difference in units of the score",
  limits:
    "Segments that can stand in for each other seem not to matter, as one is hidden at a time. It is as coarse as the segments are.",
  cost: "1 forward for each segment",
  at: "input",
  sign: "signed",
  options: { mask: "slic", segments: 100, baseline: "mean" },
  explain(subject, options) {
    return explainSegments(subject, options, async ({ count, scores }) => {
      const [whole, ...without] = await scores({
        length: count + 1,
        at(row) {
          const shown = new Uint8Array(count).fill(1);
          if (row > 0) shown[row - 1] = 0;
          return shown;
        },
      });
      return { values: without.map((score) => whole! - score) };
    });
  },
};
