import type { ClassScore } from "../model/predict.ts";
import { percent } from "../render/figures/format.ts";

/** Classes with their probabilities and logits, under each other. */
export function scoreLines(scores: readonly ClassScore[]): string[] {
  const width = Math.max(...scores.map(({ label }) => label.length));
  return scores.map(
    ({ label, probability, logit }) =>
      `${label.padEnd(width)}  ${percent(probability).padStart(6)}  logit ${logit.toFixed(3).padStart(7)}`,
  );
}
