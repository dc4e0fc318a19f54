/** Logits as one for each class: a single one, the score of the second of two classes, stands against 0 for the first. */
export function classLogits(logits: ArrayLike<number>): number[] {
  return logits.length === 1 ? [0, logits[0]!] : Array.from(logits);
}

/** `log Σ exp(z)`, computed without overflow. */
export function logSumExp(logits: readonly number[]): number {
  const top = Math.max(...logits);
  return top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
}

/** Probability of each class. */
export function softmax(logits: readonly number[]): number[] {
  const whole = logSumExp(logits);
  return logits.map((z) => Math.exp(z - whole));
}

/**
 * `log p − log(1 − p)` of each class. It ranks pictures as the probability does, but does not round to the same number
 * wherever the network is sure.
 */
export function logOdds(logits: readonly number[]): number[] {
  const peak = Math.max(...logits);
  const top = logits.indexOf(peak);
  const others = logits.filter((_, label) => label !== top);
  const rest = others.reduce((sum, z) => sum + Math.exp(z - peak), 0);
  return logits.map((z, label) =>
    label === top ? z - logSumExp(others) : z - peak - Math.log1p(rest - Math.exp(z - peak)),
  );
}
