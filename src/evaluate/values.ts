import type { Dataset, SplitName } from "../data/dataset.ts";
import type { Model } from "../model/model.ts";
import { scaleOf } from "../model/tasks/regression.ts";
import { type Answer, answersOf, checkTask, type EvaluateOptions, meanLoss } from "./answers.ts";
import { bootstrapIntervals } from "./bootstrap.ts";
import { addTerms, measureOf } from "./score.ts";

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
    spearman: correlation(ranks(answers.map(({ truth }) => truth)), ranks(answers.map(({ value }) => value))),
    intervals: bootstrapIntervals(answers, measures),
    baseline: { value: mean, mae, rmse },
    answers,
  };
}

function measures(pairs: readonly Pick<ValueAnswer, "truth" | "value">[]): ValueMeasures {
  const n = pairs.length;
  const mean = (of: (pair: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / n;
  const { terms, from } = measureOf({ task: "regression" });
  const centre = mean(({ truth }) => truth);
  const sums = pairs
    .map(({ truth, value }) => terms([value - centre], [truth - centre]))
    .reduce(addTerms, []);
  return {
    mae: mean(({ truth, value }) => Math.abs(value - truth)),
    rmse: Math.sqrt(mean(({ truth, value }) => (value - truth) ** 2)),
    r2: from(sums, n),
    pearson: correlation(
      pairs.map(({ truth }) => truth),
      pairs.map(({ value }) => value),
    ),
  };
}

/** Pearson's. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (of: readonly number[]): number[] => {
    const mean = of.reduce((sum, value) => sum + value, 0) / of.length;
    return of.map((value) => value - mean);
  };
  const product = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  const [x, y] = [centred(a), centred(b)];
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** Places in order from 1. */
function ranks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const places = new Map<number, { sum: number; count: number }>();
  for (const [at, value] of sorted.entries()) {
    const { sum, count } = places.get(value) ?? { sum: 0, count: 0 };
    places.set(value, { sum: sum + at + 1, count: count + 1 });
  }
  return values.map((value) => places.get(value)!.sum / places.get(value)!.count);
}
