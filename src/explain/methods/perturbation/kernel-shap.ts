import type { AskingMethod, Options } from "../../method.ts";
import { drawCoalitions } from "../../perturb/coalitions.ts";
import { momentsOf, ridge } from "../../perturb/regression.ts";
import { explainSegments } from "../../perturb/segmented.ts";

/**
 * KernelSHAP, Lundberg and Lee 2017 (arXiv 1705.07874, theorem 2): Shapley values of the segments as the coefficients of a weighted regression
 * whose sum is held at what all of them bring. Exact where all coalitions are asked about.
 */
export const kernelShap: AskingMethod<Options<"samples" | "mask" | "segments" | "baseline">> = {
  name: "kernel-shap",
  title: "KernelSHAP",
  summary: "each segment's fair share of the score: what it adds on average to any of the others",
  formula:
    "raw(p) = phi of the segment of p; phi minimizes sum_z w(z) (score(z) - score(baseline) - z phi)^2 with sum phi = score(x) - score(baseline), w(z) = (M - 1) / (C(M, |z|) |z| (M - |z|))",
  paper: "Lundberg and Lee 2017, arXiv:1705.07874, theorem 2",
  limits:
    "Most coalitions are pictures that nobody would take, and what the network says of them counts. With more segments than can be tried in full the values are estimates: compare two seeds.",
  cost: "samples forward",
  at: "input",
  sign: "signed",
  options: { samples: 1000, mask: "slic", segments: 50, baseline: "mean" },
  explain(subject, { samples, ...which }) {
    return explainSegments(subject, which, async ({ count, scores }) => {
      const { coalitions, weights } = drawCoalitions(count, samples, subject.random("coalitions"));
      const ends = [new Uint8Array(count), new Uint8Array(count).fill(1)];
      const [none, all, ...found] = await scores([...ends, ...coalitions]);
      const whole = all! - none!;
      // The last value is what the others leave of the whole.
      const rows = coalitions.map((row) =>
        Int8Array.from(row.subarray(0, -1), (shown) => shown - row[count - 1]!),
      );
      const values = found.map((score, at) => score - none! - coalitions[at]![count - 1]! * whole);
      const others = ridge(momentsOf({ features: count - 1, rows, values, weights }, false), 0);
      const last = others.reduce((rest, value) => rest - value, whole);
      const sum = others.reduce((total, value) => total + value, last);
      return {
        values: [...others, last],
        checks: { scoreAtBaseline: none!, completeness: sum - whole },
      };
    });
  },
};
