import type { Tensor } from "../base/tensor.ts";
import type { Dataset, Sample, SplitName } from "../data/dataset.ts";
import { type Features, stackFeatures } from "../features/features.ts";
import type { Model } from "../model/model.ts";
import { type ClassScore, classScores, forward } from "../model/predict.ts";
import { preprocess } from "../model/preprocessing.ts";
import { crossEntropy, favoured } from "./cross-entropy.ts";
import { wilsonInterval } from "./interval.ts";

/** What the network said of one picture. */
export interface Judgement {
  readonly sample: Sample;
  /** In class order. */
  readonly scores: readonly ClassScore[];
  /** As the network gives them: one a class, or a single one, the score of the second of two. */
  readonly logits: ArrayLike<number>;
  /** Index of the class that it favours. */
  readonly predicted: number;
  /** Cross-entropy in nats. */
  readonly loss: number;
}

/** How well a network does on pictures that it was not trained on. */
export interface Evaluation {
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

export interface EvaluateOptions {
  /** Pictures at a time. */
  readonly batch?: number;
  /** Of the split's pictures, for a network that takes these; the pictures themselves are then not read. */
  readonly features?: Features | undefined;
  readonly progress?: (done: number, total: number) => void;
}

/** Runs the network over one split. The data's classes must be the model's, in its order. */
export async function evaluate(
  model: Model,
  dataset: Dataset,
  split: SplitName,
  { batch = 20, features, progress }: EvaluateOptions = {},
): Promise<Evaluation> {
  const samples = dataset.splits[split];
  const judgements: Judgement[] = [];
  const read = async (start: number): Promise<Tensor<"float32">> => {
    const some = samples.slice(start, start + batch);
    if (features) return stackFeatures(features, some);
    const pictures = await Promise.all(some.map((sample) => dataset.read(sample, model.input)));
    return preprocess(model.input, pictures);
  };
  let next = read(0);
  for (let start = 0; start < samples.length; start += batch) {
    const inputs = await next;
    // The next pictures are decoded while these are run.
    next = read(start + batch);
    next.catch(() => {});
    const scores = await forward(model, inputs);
    const columns = scores.logits.shape[1]!;
    samples.slice(start, start + batch).forEach((sample, row) => {
      const logits = scores.logits.data.slice(row * columns, (row + 1) * columns);
      judgements.push({
        sample,
        scores: classScores(model.classes, scores, row),
        logits,
        predicted: favoured(logits),
        loss: crossEntropy(logits, sample.label),
      });
    });
    progress?.(judgements.length, samples.length);
  }
  return tally(judgements, model.classes.length);
}

/** The figures over judgements of `classes` classes. */
export function tally(judgements: readonly Judgement[], classes: number): Evaluation {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { sample, predicted } of judgements) confusion[sample.label]![predicted]!++;
  const n = judgements.length;
  const correct = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return {
    n,
    correct,
    accuracy: correct / n,
    interval: wilsonInterval(correct, n),
    loss: judgements.reduce((sum, { loss }) => sum + loss, 0) / n,
    confusion,
    judgements,
  };
}

/** The mistakes that cost most, the worst first. */
export function worstMistakes({ judgements }: Evaluation, most: number): Judgement[] {
  return judgements
    .filter(({ sample, predicted }) => predicted !== sample.label)
    .sort((a, b) => b.loss - a.loss)
    .slice(0, most);
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
