import { listNames, UserError } from "../base/errors.ts";
import type { ClassScore } from "../model/predict.ts";

/** The class to explain: the most probable one, or one by name or index. */
export type TargetSpec = "top" | (string & {}) | number;

/**
 * The class that `spec` names, among the scores of one image in class order. A name wins over an index written as text.
 * @throws UserError listing the classes when there is none like it
 */
export function resolveTarget(spec: TargetSpec, scores: readonly ClassScore[]): ClassScore {
  if (spec === "top")
    return scores.reduce((best, score) => (score.probability > best.probability ? score : best));
  const named = scores.find(({ label }) => label === spec);
  const indexed = typeof spec === "number" || /^\d+$/.test(spec) ? scores[Number(spec)] : undefined;
  const found = named ?? indexed;
  if (!found)
    throw new UserError(
      `There is no class "${spec}"; the classes are ${listNames(scores.map(({ label, index }) => `${label} (${index})`))}.`,
    );
  return found;
}

/** Weight of each logit in the target's score: one-hot, or a sign where two classes share one logit. */
export function targetSeed(index: number, logits: number): Float32Array {
  if (logits === 1) return Float32Array.of(index === 1 ? 1 : -1);
  const seed = new Float32Array(logits);
  seed[index] = 1;
  return seed;
}
