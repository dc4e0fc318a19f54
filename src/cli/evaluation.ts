import type { NearDuplicate, SplitName } from "../data/dataset.ts";
import { calibration } from "../evaluate/calibration.ts";
import { type ClassReport, classificationReport, mostConfused } from "../evaluate/classification-report.ts";
import { type Evaluation, type Judgement, leastCertain, worstMistakes } from "../evaluate/evaluate.ts";
import { mcnemar } from "../evaluate/mcnemar.ts";
import { type Ranking, rankings } from "../evaluate/ranking.ts";
import type { TaskEvaluation } from "../evaluate/task-evaluation.ts";
import { nearDuplicatesJson } from "./near-duplicates.ts";

/** A network's evaluation on one split, and what else was asked. */
export interface Scored<E extends TaskEvaluation = Evaluation> {
  /** What the pictures are called. */
  readonly pictures: string;
  readonly split: SplitName;
  readonly classes: readonly string[];
  readonly evaluation: E;
  readonly nearDuplicates: readonly NearDuplicate[];
  readonly temperature?: Temperature;
  readonly against?: Rival;
}

export interface Temperature {
  readonly temperature: number;
  /** Whose pictures it was fitted on, and how many there were. */
  readonly split: SplitName;
  readonly n: number;
  /** The evaluation with all logits divided by it. */
  readonly calibrated: Evaluation;
}

/** Another network on the same pictures. */
export interface Rival {
  readonly model: string;
  readonly evaluation: Evaluation;
}

/** Pairs and pictures listed. */
const mostListed = 20;

/** All figures as one object. */
export function evaluationJson(scored: Scored): Record<string, unknown> {
  const { split, classes, evaluation, nearDuplicates, temperature, against } = scored;
  const { n, correct, accuracy, interval, loss, confusion } = evaluation;
  const { macro, weighted } = classificationReport(confusion);
  return {
    split,
    n,
    correct,
    accuracy,
    interval,
    loss,
    classes,
    confusion,
    confusionRates: confusionRates(confusion),
    mostConfused: mostConfused(confusion, mostListed).map(({ label, predicted, ...pair }) => ({
      class: classes[label],
      predicted: classes[predicted],
      ...pair,
    })),
    perClass: classRows(evaluation, classes),
    macro,
    weighted,
    calibration: calibration(evaluation),
    worstMistakes: worstMistakes(evaluation, mostListed).map((judgement) => picture(judgement, classes)),
    leastCertain: leastCertain(evaluation, mostListed).map((judgement) => picture(judgement, classes)),
    nearDuplicates: nearDuplicatesJson(nearDuplicates),
    ...(temperature ? { temperature: temperatureJson(evaluation, temperature) } : {}),
    ...(against ? { against: againstJson(evaluation, against) } : {}),
  };
}

/** What is said of one class. */
export interface ClassRow extends ClassReport, Pick<Ranking, "auc" | "averagePrecision"> {
  readonly class: string;
}

/** The table of classes, in their order. */
export function classRows(evaluation: Evaluation, classes: readonly string[]): ClassRow[] {
  const ranked = rankings(evaluation);
  return classificationReport(evaluation.confusion).classes.map((report, label) => ({
    class: classes[label]!,
    ...report,
    auc: ranked[label]!.auc,
    averagePrecision: ranked[label]!.averagePrecision,
  }));
}

function picture({ sample, predicted, scores, loss }: Judgement, classes: readonly string[]) {
  const { probability } = scores[predicted]!;
  return {
    path: sample.name,
    class: classes[sample.label],
    predicted: classes[predicted],
    probability,
    loss,
  };
}

function temperatureJson(evaluation: Evaluation, { temperature, split, n, calibrated }: Temperature) {
  const errors = (of: Evaluation): unknown => {
    const { bins: _, ...rest } = calibration(of);
    return { loss: of.loss, ...rest };
  };
  return { temperature, split, n, before: errors(evaluation), after: errors(calibrated) };
}

function againstJson(evaluation: Evaluation, { model, evaluation: other }: Rival) {
  const { correct, accuracy, interval, loss } = other;
  return { model, correct, accuracy, interval, loss, mcnemar: mcnemar(evaluation, other) };
}

/** Each count's share of its true class. */
export function confusionRates(confusion: Evaluation["confusion"]): number[][] {
  return confusion.map((row) => {
    const n = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => count / n);
  });
}
