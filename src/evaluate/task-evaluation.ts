import type { Dataset, SplitName } from "../data/dataset.ts";
import type { Model } from "../model/model.ts";
import { type TaskName, taskOf } from "../model/tasks/index.ts";
import type { EvaluateOptions } from "./answers.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { evaluateLabels, type LabelsEvaluation } from "./labels.ts";
import type { Score } from "./score.ts";
import { evaluateValues, type ValuesEvaluation } from "./values.ts";

/** What is found of the networks of each task. */
export interface Evaluations {
  readonly "single-label": Evaluation;
  readonly "multi-label": LabelsEvaluation;
  readonly regression: ValuesEvaluation;
}

export type TaskEvaluation = Evaluations[TaskName];

/** Something for the evaluation of each task. */
export type PerTask<R> = { readonly [T in TaskName]: (evaluation: Evaluations[T]) => R };

/** What a table has for an evaluation. */
export function byTask<R>(evaluation: TaskEvaluation, table: PerTask<R>): R {
  return (table[evaluation.task] as (evaluation: TaskEvaluation) => R)(evaluation);
}

const evaluators: {
  readonly [T in TaskName]: (...of: Parameters<typeof evaluateTask>) => Promise<Evaluations[T]>;
} = { "single-label": evaluate, "multi-label": evaluateLabels, regression: evaluateValues };

/** Runs a network over one split and says of it what its task has. */
export function evaluateTask(
  model: Model,
  dataset: Dataset,
  split: SplitName,
  options?: EvaluateOptions,
): Promise<TaskEvaluation> {
  return evaluators[taskOf(model).name](model, dataset, split, options);
}

/** How good a network is on one split: its score, of how many pictures, and where there is one the 95% interval of its measure. */
export type SplitScore = Score & {
  readonly n: number;
  readonly interval?: readonly [low: number, high: number];
};

const splitScores: PerTask<SplitScore> = {
  "single-label": ({ n, accuracy, interval, loss }) => ({ n, accuracy, interval, loss }),
  "multi-label": ({ n, macro: { f1 }, loss }) => ({ n, f1, loss }),
  regression: ({ n, r2, intervals, loss }) => ({ n, r2, interval: intervals.r2, loss }),
};

export const splitScore = (evaluation: TaskEvaluation): SplitScore => byTask(evaluation, splitScores);
