import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { type Answer, worstAnswers } from "../../src/evaluate/answers.ts";
import { evaluate } from "../../src/evaluate/evaluate.ts";
import { evaluateLabels, tallyLabels, wrongLabels } from "../../src/evaluate/labels.ts";
import { scoreOf } from "../../src/evaluate/score.ts";
import { scorings } from "../../src/evaluate/tasks/index.ts";
import { evaluateValues, tallyValues } from "../../src/evaluate/values.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { withScale } from "../../src/model/tasks/regression.ts";

/** What a network with these logits says of a picture that bears the labels whose number is 1. */
const labelled = (values: readonly number[], logits: readonly number[]): Answer => ({
  sample: { name: `${values}`, label: -1, values, hash: "" },
  scores: [],
  logits,
  loss: scorings["multi-label"].loss(logits, values),
});

const valued = (truth: number, value: number): Answer => ({
  sample: { name: `${truth}`, label: -1, values: [truth], hash: "" },
  scores: [{ label: "x", index: 0, logit: value, probability: Number.NaN, value }],
  logits: [value],
  loss: (value - truth) ** 2,
});

const network = (classes: readonly string[], task: "multi-label" | "regression") =>
  smallConvnet({ task, classes, size: 16, filters: [4], units: 4 });

describe("labels", () => {
  // True and said: first label 1 1 0 0 and 1 0 0 1, second 1 0 0 0 and 1 1 0 0, third never.
  const answers = [
    labelled([1, 1, 0], [3, 1, -9]),
    labelled([1, 0, 0], [-1, 2, -9]),
    labelled([0, 0, 0], [-2, -1, -9]),
    labelled([0, 0, 0], [2, -3, -9]),
  ];
  const result = tallyLabels(answers, 3);

  test("each label, and their means", () => {
    expect(result.labels.map(({ n, predicted, correct }) => [n, predicted, correct])).toEqual([
      [2, 2, 1],
      [1, 2, 1],
      [0, 0, 0],
    ]);
    expect(result.labels.map(({ precision, recall }) => [precision, recall])).toEqual([
      [0.5, 0.5],
      [0.5, 1],
      [0, 0],
    ]);
    // The third label occurs nowhere, and is in no mean.
    expect(result.macro.f1).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
    expect(result.micro).toEqual({ precision: 2 / 4, recall: 2 / 3, f1: 4 / 7 });
    expect(result).toMatchObject({ n: 4, exact: 2, exactMatch: 0.5, hamming: 1 - 3 / 12 });
    expect(result.interval[0]).toBeCloseTo(0.15, 2);
  });

  test("are ranked by their logits", () => {
    // Of the first, 3 and −1 against −2 and 2; of the second, 1 behind 2.
    expect(result.labels.map(({ ranking }) => ranking.auc)).toEqual([0.75, 2 / 3, Number.NaN]);
    expect(result.meanAveragePrecision).toBeCloseTo((0.5 * 1 + 0.5 * (2 / 3) + 1 / 2) / 2, 12);
  });

  test("the loss is the mean over labels and pictures", () => {
    const cross = (z: number, y: number): number => Math.log(1 + Math.exp(y === 1 ? -z : z));
    const all = answers.flatMap(({ logits, sample }) => sample.values!.map((y, at) => cross(logits[at]!, y)));
    expect(result.loss).toBeCloseTo(all.reduce((sum, one) => sum + one, 0) / 12, 12);
    expect(worstAnswers(answers, 2)).toEqual([answers[1], answers[3]]);
    expect(answers.map(wrongLabels)).toEqual([[], [1, 0], [], [0]]);
    // At 0.5 the label is not said.
    expect([labelled([1, 0], [0, 0]), labelled([0, 1], [0, 0])].map(wrongLabels)).toEqual([[0], [1]]);
  });

  test("the measure of an epoch is macro F1", () => {
    const score = scoreOf(answers, network(["a", "b", "c"], "multi-label"));
    expect(score).toEqual({ loss: result.loss, f1: result.macro.f1 });
    const none = [labelled([0, 0], [-1, -1])];
    expect(scoreOf(none, network(["a", "b"], "multi-label")).f1).toBe(0);
  });
});

describe("values", () => {
  test("of the example in scikit-learn's mean_absolute_error, mean_squared_error and r2_score", () => {
    const answers = [valued(3, 2.5), valued(-0.5, 0), valued(2, 2), valued(7, 8)];
    const result = tallyValues(answers, 1);
    expect(result).toMatchObject({ n: 4, mae: 0.5, loss: 0.375 });
    expect(result.rmse).toBeCloseTo(Math.sqrt(0.375), 12);
    expect(result.r2).toBeCloseTo(0.9486081370449679, 12);
    // SciPy's pearsonr and spearmanr.
    expect(result.pearson).toBeCloseTo(0.9848696184482703, 12);
    expect(result.spearman).toBeCloseTo(1, 12);
    expect(result.baseline).toEqual({
      value: 1,
      mae: (2 + 1.5 + 1 + 6) / 4,
      rmse: Math.sqrt((4 + 2.25 + 1 + 36) / 4),
    });
    const score = scoreOf(answers, network(["x"], "regression"));
    expect(score.loss).toBe(0.375);
    expect(score.r2).toBeCloseTo(result.r2, 12);
  });

  test("equal ones share their ranks", () => {
    // Ranks 1 2.5 2.5 4 and 2 1 3.5 3.5.
    expect(tallyValues([valued(0, 5), valued(1, 4), valued(1, 9), valued(2, 9)], 0).spearman).toBeCloseTo(
      (-1.5 * -0.5 + 0 + 0 + 1.5 * 1) / Math.sqrt(4.5 * 4.5),
      12,
    );
  });

  test("intervals hold the measure, narrow with more pictures, and are always the same", () => {
    const some = (n: number) =>
      tallyValues(
        Array.from({ length: n }, (_, at) => valued(Math.sin(at), Math.sin(at) + 0.3 * Math.sin(7 * at))),
        0,
      );
    const [few, many] = [some(20), some(500)];
    for (const name of ["mae", "rmse", "r2", "pearson"] as const) {
      const [low, high] = few.intervals[name];
      expect(low).toBeLessThan(few[name]);
      expect(high).toBeGreaterThan(few[name]);
      expect(many.intervals[name][1] - many.intervals[name][0]).toBeLessThan(0.5 * (high - low));
    }
    expect(some(20).intervals).toEqual(few.intervals);
    // A mean's standard error, of errors that deviate by 0.0924; of 1000 resamples the width is known to 3%, and so within 9%.
    const [low, high] = many.intervals.mae;
    const normal = (2 * 1.96 * 0.0924) / Math.sqrt(500);
    expect(Math.abs((high - low) / normal - 1)).toBeLessThan(0.09);
  });

  test("one that is always the same is met or not, and correlates with nothing", () => {
    const same = [0.1, 0.1, 0.1].map((truth, at) => valued(truth, at));
    expect(tallyValues(same, 0)).toMatchObject({ r2: 0, pearson: Number.NaN, spearman: Number.NaN });
    const said = [1, 2, 3].map((truth) => valued(truth, 0.1));
    expect(tallyValues(said, 0).pearson).toBeNaN();
    expect(tallyValues([valued(0.1, 0.1), valued(0.1, 0.1)], 0).r2).toBe(1);
    const { from, terms } = scorings.regression.measure;
    expect(from(terms([0.5], [0.5]), 1)).toBe(1);
    expect(from(terms([0.4], [0.5]), 1)).toBe(0);
  });
});

test("networks are run over a split, each by the call for its task", async () => {
  const engine = nodeEngine({ threads: 1 });
  const drawn = syntheticDataset({ seed: 2, train: 2, validation: 5, test: 0 });
  const validation = drawn.splits.validation.map((sample, at) => ({
    ...sample,
    label: -1,
    values: [at % 2, 1],
  }));
  const dataset = { ...drawn, splits: { ...drawn.splits, validation } };
  const labels = { ...network(["a", "b"], "multi-label"), source: "labels", engine };
  const found = await evaluateLabels(labels, dataset, "validation", { batch: 2 });
  expect(found).toMatchObject({ n: 5, labels: [{ n: 2 }, { n: 5 }] });
  const value = {
    ...withScale(network(["x"], "regression"), { mean: 4, deviation: 2 }),
    source: "value",
    engine,
  };
  const { answers, baseline } = await evaluateValues(value, dataset, "validation");
  expect(baseline.value).toBe(4);
  for (const { value, truth, logits, loss } of answers) {
    expect(value).toBeCloseTo(4 + 2 * logits[0]!, 5);
    expect(loss).toBeCloseTo(((value - truth) / 2) ** 2, 5);
  }
  await expect(evaluate(labels, dataset, "validation")).rejects.toThrow(
    new UserError(
      "labels says of a picture any number of labels (multi-label), which is scored by evaluateLabels.",
    ),
  );
});
