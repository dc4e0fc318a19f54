import { crossEntropy } from "./cross-entropy.ts";
import { type Evaluation, type Judgement, tally } from "./evaluate.ts";
import { classLogits, softmax } from "./softmax.ts";

/** Temperatures tried; where no answer is wrong the loss falls for ever towards 0. */
const range = [0.01, 100] as const;
const halvings = 40;

/**
 * The temperature that makes the loss least when logits are divided by it: Guo et al. 2017, section 4.2. Within 0.01…100.
 * The loss is convex in 1/T and its slope `Σ_k p_k z_k − z_label` rises with 1/T, so halving log T finds the one zero there is.
 */
export function fitTemperature({ judgements }: Evaluation): number {
  const rows = judgements.map(({ sample, logits }) => ({ row: classLogits(logits), label: sample.label }));
  const rises = (temperature: number): boolean =>
    rows.reduce((sum, { row, label }) => sum + expectation(row, temperature) - row[label]!, 0) > 0;
  let [low, high] = range.map(Math.log) as [number, number];
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (rises(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** `Σ_k p_k z_k` at a temperature. */
function expectation(logits: readonly number[], temperature: number): number {
  const top = Math.max(...logits);
  let [whole, sum] = [0, 0];
  for (const z of logits) {
    const weight = Math.exp((z - top) / temperature);
    whole += weight;
    sum += weight * z;
  }
  return sum / whole;
}

/**
 * The evaluation as it would be with all logits divided by `temperature`: the same answers, surer or less sure. Probabilities are
 * those of softmax, or of the sigmoid of a single logit, whatever the network ends in.
 */
export function withTemperature({ judgements, confusion }: Evaluation, temperature: number): Evaluation {
  const scaled = judgements.map((judgement): Judgement => {
    const logits = Array.from(judgement.logits, (z) => z / temperature);
    const probabilities = softmax(classLogits(logits));
    return {
      ...judgement,
      logits,
      scores: judgement.scores.map((score) => ({
        ...score,
        logit: score.logit / temperature,
        probability: probabilities[score.index]!,
      })),
      loss: crossEntropy(logits, judgement.sample.label),
    };
  });
  return tally(scaled, confusion.length);
}
