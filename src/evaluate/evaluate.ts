import type { Dataset, SplitName } from "../data/dataset.ts";
import type { Model } from "../model/model.ts";
import {
  type Answer,
  answersOf,
  checkTask,
  type EvaluateOptions,
  meanLoss,
  worstAnswers,
} from "./answers.ts";
import { favoured } from "./cross-entropy.ts";
import { wilsonInterval } from "./interval.ts";

/** What the network said of one picture, and which class that is. */
export interface Judgement extends Answer {
  /** Index of the class that it favours. */
  readonly predicted: number;
}

/** How well a network does on pictures that it was not trained on. */
export interface Evaluation {
  readonly task: "single-label";
  readonly n: number;
  readonly correct: number;
  /** Part that is right, 0…1. */
  readonly accuracy: number;
  /** 95% interval of the accuracy. */
  readonly interval: readonly [low: number, high: number];
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** `confusion[label][predicted]`, counts. */
  readonly confusion: readonly (readonly number[])[];
  readonly judgements: readonly Judgement[];
}

/**
 * Runs a network that tells classes apart over one split. The data's classes must be the model's, in its order.
 * @throws UserError when its task is another
 */
export async function evaluate(
  model: Model,
  dataset: Dataset,
  split: SplitName,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkTask(model, "single-label");
  const answers = await answersOf(model, dataset, split, options);
  return tally(
    answers.map((answer) => ({ ...answer, predicted: favoured(answer.logits) })),
    model.classes.length,
  );
}

/** The figures over judgements of `classes` classes. */
export function tally(judgements: readonly Judgement[], classes: number): Evaluation {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { sample, predicted } of judgements) confusion[sample.label]![predicted]!++;
  const n = judgements.length;
  const correct = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return {
    task: "single-label",
    n,
    correct,
    accuracy: correct / n,
    interval: wilsonInterval(correct, n),
    loss: meanLoss(judgements),
    confusion,
    judgements,
  };
}

/** The mistakes that cost most, the worst first. */
export function worstMistakes({ judgements }: Evaluation, most: number): Judgement[] {
  return worstAnswers(
    judgements.filter(({ sample, predicted }) => predicted !== sample.label),
    most,
  );
}

/** The pictures between whose two most probable classes there is least to choose, the least certain first. */
export function leastCertain({ judgements }: Evaluation, most: number): Judgement[] {
  const lead = new Map(
    judgements.map((judgement) => {
      const [first, second] = judgement.scores.map(({ probability }) => probability).sort((a, b) => b - a);
      return [judgement, first! - second!];
    }),
  );
  return judgements.toSorted((a, b) => lead.get(a)! - lead.get(b)!).slice(0, most);
}
