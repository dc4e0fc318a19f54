import { logSumExp } from "./softmax.ts";

/**
 * `−log p(label)` of one row of logits, computed without overflow. One logit is the score of the second of two classes.
 */
export function crossEntropy(logits: ArrayLike<number>, label: number): number {
  if (logits.length === 1) {
    const z = label === 1 ? -logits[0]! : logits[0]!;
    return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return logSumExp(Array.from(logits)) - logits[label]!;
}

/** The class that one row of logits favours; the lower index wins a tie. */
export function favoured(logits: ArrayLike<number>): number {
  if (logits.length === 1) return logits[0]! > 0 ? 1 : 0;
  const row = Array.from(logits);
  return row.indexOf(Math.max(...row));
}
