import type { Dataset, SplitName } from "../data/dataset.ts";
import type { Model } from "../model/model.ts";
import { scaleOf } from "../model/tasks/regression.ts";
import { type Answer, answersOf, checkTask, type EvaluateOptions, meanLoss } from "./answers.ts";
import { bootstrapIntervals } from "./bootstrap.ts";
import { measureOf } from "./score.ts";

/** A picture's value, and what the network says of it, both in the value's own unit. */
export interface ValueAnswer extends Answer {
  readonly truth: number;
  readonly value: number;
}

/** Means over some pictures, in the value's unit. */
export interface ValueErrors {
  /** Mean absolute error. */
  readonly mae: number;
  /** Root of the mean squared error. */
  readonly rmse: number;
}

export interface ValueMeasures extends ValueErrors {
  /** `1 − Σ (y − ŷ)² / Σ (y − ȳ)²`: 1 at best, 0 for always saying the mean of these very pictures. */
  readonly r2: number;
  /** Correlation of values and answers; NaN where either is the same throughout. */
  readonly pearson: number;
}

/** How well a network says a value. */
export interface ValuesEvaluation extends ValueMeasures {
  readonly task: "regression";
  readonly n: number;
  /** Mean squared error in standard deviations of the training values. */
  readonly loss: number;
  /** Correlation of their ranks; equal ones share the mean of theirs. */
  readonly spearman: number;
  /** 95% intervals by bootstrap. */
  readonly intervals: Readonly<Record<keyof ValueMeasures, readonly [low: number, high: number]>>;
  /** What always saying the mean of the training pictures would get. */
  readonly baseline: ValueErrors & { readonly value: number };
  readonly answers: readonly ValueAnswer[];
}

/**
 * Runs a network that says a value over one split.
 * @throws UserError when its task is another
 */
export async function evaluateValues(
  model: Model,
  dataset: Dataset,
  split: SplitName,
  options: EvaluateOptions = {},
): Promise<ValuesEvaluation> {
  checkTask(model, "regression");
  return tallyValues(await answersOf(model, dataset, split, options), scaleOf(model).mean);
}

/** The figures over answers of a network whose training pictures have this mean. */
export function tallyValues(all: readonly Answer[], mean: number): ValuesEvaluation {
  const answers = all.map(
    (answer): ValueAnswer => ({
      ...answer,
      truth: answer.sample.values![0]!,
      value: answer.scores[0]!.value!,
    }),
  );
  const { mae, rmse } = measures(answers.map(({ truth }) => ({ truth, value: mean })));
  return {
    task: "regression",
    n: answers.length,
    loss: meanLoss(answers),
    ...measures(answers),
    spearman: measures(ranked(answers)).pearson,
    intervals: bootstrapIntervals(answers, measures),
    baseline: { value: mean, mae, rmse },
    answers,
  };
}

function measures(pairs: readonly Pick<ValueAnswer, "truth" | "value">[]): ValueMeasures {
  const n = pairs.length;
  let [truths, values] = [0, 0];
  for (const { truth, value } of pairs) {
    truths += truth / n;
    values += value / n;
  }
  let [absolute, squared, ofTruth, ofValue, ofBoth] = [0, 0, 0, 0, 0];
  for (const { truth, value } of pairs) {
    absolute += Math.abs(value - truth);
    squared += (value - truth) ** 2;
    ofTruth += (truth - truths) ** 2;
    ofValue += (value - values) ** 2;
    ofBoth += (truth - truths) * (value - values);
  }
  return {
    mae: absolute / n,
    rmse: Math.sqrt(squared / n),
    r2: measureOf({ task: "regression" }).from([squared, n * truths, ofTruth + n * truths ** 2], n),
    pearson:
      isSame(ofTruth, truths, n) || isSame(ofValue, values, n)
        ? Number.NaN
        : ofBoth / Math.sqrt(ofTruth * ofValue),
  };
}

/** Whether squares about a mean are but what rounding leaves of nothing. */
const isSame = (squares: number, mean: number, n: number): boolean => squares <= 1e-24 * n * mean ** 2;

/** The same with places in order, from 1, instead of values. */
function ranked(answers: readonly ValueAnswer[]): Pick<ValueAnswer, "truth" | "value">[] {
  const truths = ranks(answers.map(({ truth }) => truth));
  const values = ranks(answers.map(({ value }) => value));
  return truths.map((truth, at) => ({ truth, value: values[at]! }));
}

function ranks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const places = new Map<number, { sum: number; count: number }>();
  for (const [at, value] of sorted.entries()) {
    const { sum, count } = places.get(value) ?? { sum: 0, count: 0 };
    places.set(value, { sum: sum + at + 1, count: count + 1 });
  }
  return values.map((value) => places.get(value)!.sum / places.get(value)!.count);
}
