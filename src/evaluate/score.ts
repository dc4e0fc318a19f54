import type { Network } from "../model/model.ts";
import { type TaskName, taskOf } from "../model/tasks/index.ts";
import { type Answer, meanLoss } from "./answers.ts";
import { type Measure, type MeasureKey, scorings } from "./tasks/index.ts";

/** Mean loss over some pictures, and the task's measure by its key. */
export type Score = { readonly loss: number } & { readonly [key in MeasureKey]?: number };

/** By what a network, or a data set, of a task is measured. */
export const measureOf = (of: { readonly task?: TaskName | undefined }): Measure =>
  scorings[taskOf(of).name].measure;

/** The measure that a score has. */
export const measureIn = (score: Score): Measure =>
  Object.values(scorings).find(({ measure }) => measure.key in score)!.measure;

export function scoreOf(
  answers: readonly Answer[],
  network: Pick<Network, "task" | "classes" | "graph">,
): Score {
  const { key, terms, from } = measureOf(network);
  const { target } = taskOf(network);
  const sums = answers
    .map(({ sample, logits }) => terms(logits, target(sample, network)))
    .reduce(addTerms, []);
  return { loss: meanLoss(answers), [key]: from(sums, answers.length) };
}

/** Sums so far, none at the beginning, and one picture's terms. */
export const addTerms = (sums: readonly number[], terms: readonly number[]): number[] =>
  terms.map((term, at) => (sums[at] ?? 0) + term);
