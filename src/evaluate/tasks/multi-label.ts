import { crossEntropy } from "../cross-entropy.ts";
import type { Scoring } from "./task.ts";

/**
 * Binary cross-entropy in nats, the mean over the labels, as Keras has it; macro F1 at a probability of 0.5. That is what people get from the
 * network, it counts a rare label as much as a common one, which accuracy does not, and it follows from sums, so that an epoch's training has
 * it too, where a mean average precision would need all of its answers at once.
 */
export const multiLabel: Scoring = {
  loss: (logits, target) =>
    Array.from(logits).reduce((sum, z, label) => sum + crossEntropy([z], target[label]!), 0) / logits.length,
  measure: {
    key: "f1",
    title: "macro F1",
    short: "F1",
    share: true,
    terms(logits, target) {
      const said = Array.from(logits, (z) => Number(z > 0));
      const hits = said.map((one, label) => one * target[label]!);
      return [...hits, ...said.map((one, label) => one + target[label]!)];
    },
    from(sums) {
      const labels = sums.length / 2;
      const scores = sums
        .slice(0, labels)
        .flatMap((hits, label) => (sums[labels + label]! > 0 ? [(2 * hits) / sums[labels + label]!] : []));
      return scores.reduce((sum, score) => sum + score, 0) / (scores.length || 1);
    },
  },
  evaluatedBy: "evaluateLabels",
};
