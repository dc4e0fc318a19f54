import { wilsonInterval } from "./interval.ts";

/** How a network does on one class. What has nothing to divide by is 0, as scikit-learn has it. */
export interface ClassReport {
  /** Pictures of the class. */
  readonly n: number;
  /** Pictures that the network takes for it. */
  readonly predicted: number;
  readonly correct: number;
  /** `correct / predicted`, and its 95% interval. */
  readonly precision: number;
  readonly precisionInterval: readonly [low: number, high: number];
  /** `correct / n`, and its 95% interval. */
  readonly recall: number;
  readonly recallInterval: readonly [low: number, high: number];
  /** Harmonic mean of the two: `2 · correct / (n + predicted)`. */
  readonly f1: number;
}

export type MeanReport = Pick<ClassReport, "precision" | "recall" | "f1">;

export interface ClassificationReport {
  /** In class order. */
  readonly classes: readonly ClassReport[];
  /** Plain mean over the classes that occur, in pictures or in answers. */
  readonly macro: MeanReport;
  /** Mean weighted by each class's pictures. */
  readonly weighted: MeanReport;
}

/** Precision, recall and F1 of a confusion matrix `confusion[label][predicted]`, by class and on average. */
export function classificationReport(confusion: readonly (readonly number[])[]): ClassificationReport {
  const answers = confusion.reduce(
    (sums, row) => sums.map((sum, label) => sum + row[label]!),
    new Array<number>(confusion.length).fill(0),
  );
  const classes = confusion.map((row, label) =>
    classReport(
      row.reduce((sum, count) => sum + count, 0),
      answers[label]!,
      row[label]!,
    ),
  );
  return {
    classes,
    macro: macroMean(classes),
    weighted: mean(classes, ({ n }) => n),
  };
}

/** Of `n` pictures of a class, `predicted` that are taken for it, and `correct` that are both. */
export function classReport(n: number, predicted: number, correct: number): ClassReport {
  return {
    n,
    predicted,
    correct,
    precision: correct / (predicted || 1),
    precisionInterval: wilsonInterval(correct, predicted),
    recall: correct / (n || 1),
    recallInterval: wilsonInterval(correct, n),
    f1: (2 * correct) / (n + predicted || 1),
  };
}

/** Plain mean over the classes that occur. */
export const macroMean = (classes: readonly ClassReport[]): MeanReport =>
  mean(classes, ({ n, predicted }) => (n + predicted > 0 ? 1 : 0));

function mean(classes: readonly ClassReport[], weight: (of: ClassReport) => number): MeanReport {
  const sum = (value: (of: ClassReport) => number): number =>
    classes.reduce((total, each) => total + weight(each) * value(each), 0);
  const whole = sum(() => 1);
  return {
    precision: sum(({ precision }) => precision) / whole,
    recall: sum(({ recall }) => recall) / whole,
    f1: sum(({ f1 }) => f1) / whole,
  };
}

/** Pictures of one class that the network takes for another. */
export interface ConfusedPair {
  readonly label: number;
  readonly predicted: number;
  readonly count: number;
  /** Of the pictures of the class, 0…1. */
  readonly share: number;
}

/** The pairs of classes that are confused most, by count and then by share. */
export function mostConfused(confusion: readonly (readonly number[])[], most: number): ConfusedPair[] {
  return confusion
    .flatMap((row, label) => {
      const n = row.reduce((sum, count) => sum + count, 0);
      return row.map((count, predicted) => ({ label, predicted, count, share: count / n }));
    })
    .filter(({ label, predicted, count }) => label !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share)
    .slice(0, most);
}
