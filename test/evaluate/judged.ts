import { crossEntropy, favoured } from "../../src/evaluate/cross-entropy.ts";
import type { Judgement } from "../../src/evaluate/evaluate.ts";
import { classLogits, softmax } from "../../src/evaluate/softmax.ts";

/** What a network that gives these logits says of a picture of class `label`. */
export function judged(label: number, logits: readonly number[], name = `${label}/${logits}`): Judgement {
  const each = classLogits(logits);
  const probabilities = softmax(each);
  return {
    sample: { name, label, hash: name },
    logits,
    scores: each.map((logit, index) => ({
      label: `class ${index}`,
      index,
      logit,
      probability: probabilities[index]!,
    })),
    predicted: favoured(logits),
    loss: crossEntropy(logits, label),
  };
}
