import { crossEntropy, favoured } from "../cross-entropy.ts";
import type { Scoring } from "./task.ts";

/** Cross-entropy in nats; the part that is right. */
export const singleLabel: Scoring = {
  loss: (logits, target) => crossEntropy(logits, favoured(target)),
  measure: {
    key: "accuracy",
    title: "accuracy",
    short: "acc",
    share: true,
    terms: (logits, target) => [Number(favoured(logits) === favoured(target))],
    from: ([right], n) => right! / n,
  },
  evaluatedBy: "evaluate",
};
