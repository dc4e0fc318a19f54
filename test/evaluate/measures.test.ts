import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { calibration } from "../../src/evaluate/calibration.ts";
import { classificationReport, mostConfused } from "../../src/evaluate/classification-report.ts";
import { type Judgement, tally } from "../../src/evaluate/evaluate.ts";
import { mcnemar } from "../../src/evaluate/mcnemar.ts";
import { predictionsCsv } from "../../src/evaluate/predictions-csv.ts";
import { rank, rankings } from "../../src/evaluate/ranking.ts";
import { fitTemperature, withTemperature } from "../../src/evaluate/temperature.ts";
import { judged } from "./judged.ts";

/** A picture of class `label` on which a network of two classes gives the second this probability. */
const said = (label: number, probability: number, name?: string): Judgement =>
  judged(label, [Math.log(probability / (1 - probability))], name);

/** A network's whole answer by its probabilities. */
const saidAll = (label: number, probabilities: readonly number[]): Judgement =>
  judged(label, probabilities.map(Math.log));

describe("precision, recall and F1", () => {
  test("of the example in scikit-learn's classification_report", () => {
    // True classes 0 1 2 2 2, predicted 0 0 2 2 1.
    const { classes, macro, weighted } = classificationReport([
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 2],
    ]);
    expect(classes.map(({ n, predicted, correct }) => [n, predicted, correct])).toEqual([
      [1, 2, 1],
      [1, 1, 0],
      [3, 2, 2],
    ]);
    expect(classes.map(({ precision, recall, f1 }) => [precision, recall, f1])).toEqual([
      [0.5, 1, 2 / 3],
      [0, 0, 0],
      [1, 2 / 3, 0.8],
    ]);
    const rounded = ({ precision, recall, f1 }: typeof macro) =>
      [precision, recall, f1].map((value) => value.toFixed(2));
    expect(rounded(macro)).toEqual(["0.50", "0.56", "0.49"]);
    expect(rounded(weighted)).toEqual(["0.70", "0.60", "0.61"]);
  });

  test("intervals are Wilson's, and classes that do not occur are in no mean", () => {
    const { classes, macro } = classificationReport([
      [81, 182, 0],
      [0, 20, 0],
      [0, 0, 0],
    ]);
    // Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662.
    expect(classes[0]!.recallInterval[0]).toBeCloseTo(0.2553, 4);
    expect(classes[0]!.recallInterval[1]).toBeCloseTo(0.3662, 4);
    expect(classes[0]!.precision).toBe(1);
    expect(classes[2]).toMatchObject({ precision: 0, recall: 0, f1: 0, recallInterval: [0, 1] });
    expect(macro.recall).toBeCloseTo((81 / 263 + 1) / 2, 12);
  });

  test("the most confused pairs, by count, then by share", () => {
    const confusion = [
      [7, 3, 0],
      [3, 1, 1],
      [0, 0, 9],
    ];
    expect(mostConfused(confusion, 2)).toEqual([
      { label: 1, predicted: 0, count: 3, share: 0.6 },
      { label: 0, predicted: 1, count: 3, share: 0.3 },
    ]);
    expect(mostConfused(confusion, 9)).toHaveLength(3);
  });
});

describe("ranking", () => {
  test("of the example in scikit-learn's roc_curve and average_precision_score", () => {
    const { roc, auc, precisionRecall, averagePrecision } = rank(
      [0.1, 0.4, 0.35, 0.8],
      [false, false, true, true],
    );
    expect(roc).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
    expect(auc).toBe(0.75);
    expect(precisionRecall).toEqual([
      [0.5, 1],
      [0.5, 0.5],
      [1, 2 / 3],
      [1, 0.5],
    ]);
    expect(averagePrecision).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
  });

  test("equal scores share a threshold and count half, in whatever order they come", () => {
    const expected = {
      roc: [
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
      auc: 0.5,
      averagePrecision: 0.5,
    };
    expect(rank([1, 1, 0, 0], [true, false, true, false])).toMatchObject(expected);
    expect(rank([0, 1, 0, 1], [false, false, true, true])).toMatchObject(expected);
    expect(rank([2, 2, 2], [true, false, false])).toMatchObject({ auc: 0.5, averagePrecision: 1 / 3 });
  });

  test("the area is how often a picture of the class is put before another", () => {
    const scores = Array.from({ length: 60 }, (_, i) => (i * 37) % 17);
    const isPositive = scores.map((score, i) => (score + ((i * 11) % 13)) % 5 < 2);
    let won = 0;
    let pairs = 0;
    scores.forEach((a, i) => {
      scores.forEach((b, j) => {
        if (!isPositive[i] || isPositive[j]) return;
        pairs++;
        won += a > b ? 1 : a === b ? 0.5 : 0;
      });
    });
    expect(rank(scores, isPositive).auc).toBeCloseTo(won / pairs, 12);
  });

  test("there is none of one class alone", () => {
    expect(rank([1, 2], [true, true])).toEqual({
      roc: [],
      auc: Number.NaN,
      precisionRecall: [],
      averagePrecision: Number.NaN,
    });
  });

  test("each class against the others, also where probabilities round to 1", () => {
    // As float32, sigmoid of 90, 95 and 100 is 1.
    const sure = tally([judged(0, [90]), judged(1, [95]), judged(0, [96]), judged(1, [100])], 2);
    expect(rankings(sure).map(({ auc }) => auc)).toEqual([0.75, 0.75]);
    const three = tally(
      [judged(0, [99, 0, 0]), judged(0, [60, 2, 1]), judged(1, [70, 50, 0]), judged(2, [0, 0, 9])],
      3,
    );
    // 99 and 58 for the first class against 20 and less; the second's 20 below none.
    expect(rankings(three).map(({ auc }) => auc)).toEqual([1, 2 / 3, 1]);
  });
});

describe("calibration", () => {
  test("bins of confidence, their errors by hand", () => {
    // Confidences 0.9, 0.9, 0.9 (two right) and 0.59 (right): bins (13/15, 14/15] and (8/15, 9/15].
    const { bins, ece, mce } = calibration(
      tally([said(1, 0.9, "a"), said(1, 0.9, "b"), said(0, 0.9, "c"), said(0, 0.41, "d")], 2),
    );
    expect(bins).toHaveLength(15);
    expect(bins.map(({ n }) => n)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0]);
    expect(bins[13]!.confidence).toBeCloseTo(0.9, 12);
    expect(bins[13]!.accuracy).toBeCloseTo(2 / 3, 12);
    expect(ece).toBeCloseTo((3 / 4) * (0.9 - 2 / 3) + (1 / 4) * 0.41, 12);
    expect(mce).toBeCloseTo(0.41, 12);
  });

  test("certainty falls into the last bin", () => {
    const { bins, ece } = calibration(tally([judged(1, [800])], 2));
    expect([bins[14]!.n, bins[14]!.high, ece]).toEqual([1, 1, 0]);
  });

  test("Brier scores of scikit-learn's brier_score_loss", () => {
    const two = tally([said(0, 0.1), said(1, 0.9), said(1, 0.8), said(0, 0.3)], 2);
    expect(calibration(two).brier).toBeCloseTo(0.0375, 12);
    const three = tally(
      [saidAll(0, [0.8, 0.1, 0.1]), saidAll(1, [0.2, 0.7, 0.1]), saidAll(2, [0.2, 0.2, 0.6])],
      3,
    );
    expect(calibration(three).brier).toBeCloseTo(0.44 / 3, 12);
  });
});

describe("temperature", () => {
  // Says 0.9 and is right in three of four: log 9 / T must be log 3, so T is 2.
  const boastful = ["a", "b", "c", "d"].map((name, i) => said(i === 3 ? 0 : 1, 0.9, name));

  test("makes an overconfident network as sure as it is right", () => {
    const evaluation = tally(boastful, 2);
    const temperature = fitTemperature(evaluation);
    expect(temperature).toBeCloseTo(2, 9);
    const cooled = withTemperature(evaluation, temperature);
    expect(cooled.judgements[0]!.scores[1]!.probability).toBeCloseTo(0.75, 9);
    expect(cooled.judgements[0]!.scores[1]!.logit).toBeCloseTo(Math.log(3), 9);
    expect(cooled).toMatchObject({ correct: 3, confusion: evaluation.confusion });
    expect(calibration(evaluation).ece).toBeCloseTo(0.15, 12);
    expect(calibration(cooled).ece).toBeCloseTo(0, 9);
    expect(cooled.loss).toBeCloseTo(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)), 9);
  });

  test("of many classes is where the loss is least", () => {
    const evaluation = tally(
      [judged(0, [3, 1, 0]), judged(1, [2, 1, 0]), judged(2, [0, 1, 4]), judged(1, [0, 6, 1])],
      3,
    );
    const temperature = fitTemperature(evaluation);
    const loss = (factor: number): number => withTemperature(evaluation, factor * temperature).loss;
    expect(loss(1)).toBeLessThan(loss(1.01));
    expect(loss(1)).toBeLessThan(loss(0.99));
    expect(loss(1)).toBeLessThan(evaluation.loss);
  });

  test("stays within its range where no answer is wrong", () => {
    expect(fitTemperature(tally([said(1, 0.9)], 2))).toBeCloseTo(0.01, 9);
  });
});

describe("two networks on the same pictures", () => {
  /** One letter a picture: whether both, only the first, only the second or none is right. */
  const compared = (outcomes: string): ReturnType<typeof mcnemar> => {
    const run = (right: string) =>
      tally(
        [...outcomes].map((outcome, i) => said(1, right.includes(outcome) ? 0.9 : 0.1, String(i))),
        2,
      );
    return mcnemar(run("bf"), run("bs"));
  };

  test("are counted by who is right", () => {
    expect(compared("bbbffsn")).toMatchObject({ bothRight: 3, onlyFirst: 2, onlySecond: 1, bothWrong: 1 });
  });

  test("McNemar's exact test is the binomial one, two-sided", () => {
    // 2 · (1 + 10) / 2¹⁰ and 2 · (1 + 20 + 190 + 1140 + 4845 + 15504) / 2²⁰.
    expect(compared(`${"s".repeat(9)}f`).p).toBeCloseTo(22 / 1024, 12);
    expect(compared("f".repeat(15) + "s".repeat(5)).p).toBeCloseTo(43400 / 2 ** 20, 12);
    expect(compared("fsb").p).toBe(1);
    expect(compared("bbn").p).toBe(1);
    // 2⁻¹⁹⁹⁹: far below the least double, but no NaN.
    expect(compared("f".repeat(2000)).p).toBe(0);
  });

  test("must have seen the same", () => {
    const one = tally([said(1, 0.9, "a")], 2);
    for (const other of [[said(1, 0.9, "b")], [said(1, 0.9, "a"), said(1, 0.9, "b")]])
      expect(() => mcnemar(one, tally(other, 2))).toThrow(UserError);
  });
});

test("predictions as RFC 4180 has them", () => {
  const evaluation = tally([judged(1, [2], 'b/1, "old".jpg'), judged(0, [-0.5], "a/2.jpg")], 2);
  expect(predictionsCsv(evaluation, ["a", 'b "x"'])).toBe(
    'path,class,predicted,probability a,"probability b ""x""",logit a,"logit b ""x"""\r\n' +
      '"b/1, ""old"".jpg","b ""x""","b ""x""",0.119202922,0.880797078,0,2\r\n' +
      "a/2.jpg,a,a,0.622459331,0.377540669,0,-0.5\r\n",
  );
});
