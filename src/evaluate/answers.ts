import { UserError } from "../base/errors.ts";
import type { Tensor } from "../base/tensor.ts";
import type { Dataset, Sample, SplitName } from "../data/dataset.ts";
import { type Features, stackFeatures } from "../features/features.ts";
import type { Model } from "../model/model.ts";
import { type ClassScore, classScores, forward } from "../model/predict.ts";
import { preprocess } from "../model/preprocessing.ts";
import { type TaskName, taskOf } from "../model/tasks/index.ts";
import { scorings } from "./tasks/index.ts";

/** What the network said of one picture. */
export interface Answer {
  readonly sample: Sample;
  /** In class order. */
  readonly scores: readonly ClassScore[];
  /** As the network gives them: one a class, or a single one, the score of the second of two. */
  readonly logits: ArrayLike<number>;
  /** As training has it: see the task. */
  readonly loss: number;
}

export interface EvaluateOptions {
  /** Pictures at a time. */
  readonly batch?: number;
  /** Of the split's pictures, for a network that takes these; the pictures themselves are then not read. */
  readonly features?: Features | undefined;
  readonly progress?: (done: number, total: number) => void;
}

/** Runs the network over one split, whatever its task. The data's classes must be the model's, in its order. */
export async function answersOf(
  model: Model,
  dataset: Dataset,
  split: SplitName,
  { batch = 20, features, progress }: EvaluateOptions = {},
): Promise<Answer[]> {
  const { name, target } = taskOf(model);
  const { loss } = scorings[name];
  const samples = dataset.splits[split];
  const answers: Answer[] = [];
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
      answers.push({
        sample,
        scores: classScores(model, scores, row),
        logits,
        loss: loss(logits, target(sample, model)),
      });
    });
    progress?.(answers.length, samples.length);
  }
  return answers;
}

export const meanLoss = (answers: readonly Answer[]): number =>
  answers.reduce((sum, { loss }) => sum + loss, 0) / answers.length;

/** The answers that cost most, the worst first. */
export function worstAnswers<A extends Answer>(answers: readonly A[], most: number): A[] {
  return answers.toSorted((a, b) => b.loss - a.loss).slice(0, most);
}

/** @throws UserError when the network is of another task, naming the call for it */
export function checkTask(model: Model, wanted: TaskName): void {
  const { name, summary } = taskOf(model);
  if (name === wanted) return;
  throw new UserError(
    `${model.source} says of a picture ${summary} (${name}), which is scored by ${scorings[name].evaluatedBy}.`,
  );
}
