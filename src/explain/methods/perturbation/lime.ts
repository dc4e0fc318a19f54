import type { AskingMethod, Options } from "../../method.ts";
import type { Distance } from "../../option.ts";
import { lasso, momentsOf, ridge, shareExplained } from "../../perturb/regression.ts";
import { explainSegments } from "../../perturb/segmented.ts";

/**
 * LIME, Ribeiro et al. 2016 (arXiv 1602.04938, section 3): a linear model of the score by which segments are shown, fitted to random samples that
 * weigh by their nearness to the picture. With an intercept; the first sample is the picture.
 */
export const lime: AskingMethod<
  Options<"samples" | "mask" | "segments" | "baseline" | "distance" | "bandwidth" | "penalty" | "shrinkage">
> = {
  name: "lime",
  title: "LIME",
  summary: "weights of a linear model of the score by which segments are shown",
  formula:
    "raw(p) = beta of the segment of p; beta minimizes sum_i w_i (score_i - a - z_i beta)^2 + shrinkage |beta|^2 (ridge), w_i = exp(-distance_i^2 / (2 bandwidth^2)), z_i random 0 and 1",
  paper: "Ribeiro et al. 2016, arXiv:1602.04938, eq. 1 and 2",
  limits:
    "It explains the linear model: where that fits badly (r2 in the record), little is said about the network. Segments, bandwidth and seed all change what it shows.",
  cost: "samples forward",
  at: "input",
  sign: "signed",
  options: {
    samples: 1000,
    mask: "slic",
    segments: 50,
    baseline: "mean",
    distance: "cosine",
    bandwidth: 0.25,
    penalty: "ridge",
    shrinkage: 1,
  },
  explain(subject, { samples, distance, bandwidth, penalty, shrinkage, ...which }) {
    return explainSegments(subject, which, async ({ count, scores }) => {
      const rows = Array.from({ length: samples }, (_, sample) => {
        const source = subject.random("segments", sample);
        return Uint8Array.from({ length: count }, () => Number(sample === 0 || source.next() < 0.5));
      });
      const values = await scores(rows);
      const weights = rows.map((row) => Math.exp(-((distanceOf(row, distance) / bandwidth) ** 2) / 2));
      const moments = momentsOf({ features: count, rows, values, weights }, true);
      const coefficients = { ridge, lasso }[penalty](moments, shrinkage);
      return { values: coefficients, checks: { r2: shareExplained(moments, coefficients) } };
    });
  },
};

/** Of what is shown to the whole picture. */
function distanceOf(shown: Uint8Array, distance: Distance): number {
  const share = shown.reduce((sum, one) => sum + one, 0) / shown.length;
  return distance === "cosine" ? 1 - Math.sqrt(share) : Math.sqrt(shown.length * (1 - share));
}
