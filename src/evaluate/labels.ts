import type { Dataset, SplitName } from "../data/dataset.ts";
import type { Model } from "../model/model.ts";
import { type Answer, answersOf, checkTask, type EvaluateOptions, meanLoss } from "./answers.ts";
import { type ClassReport, classReport, type MeanReport, macroMean } from "./classification-report.ts";
import { wilsonInterval } from "./interval.ts";
import { type Ranking, rank } from "./ranking.ts";

/** How a network does on one label. */
export interface LabelReport extends ClassReport {
  /** The pictures with the label against those without. */
  readonly ranking: Ranking;
}

/** How well a network says which labels pictures bear; it says those whose probability is above 0.5. */
export interface LabelsEvaluation {
  readonly task: "multi-label";
  readonly n: number;
  /** Binary cross-entropy in nats, the mean over labels and pictures. */
  readonly loss: number;
  /** Pictures of which every label is right. */
  readonly exact: number;
  /** Their part, 0…1, and its 95% interval. */
  readonly exactMatch: number;
  readonly interval: readonly [low: number, high: number];
  /** Part of all labels of all pictures that is right, 0…1: what the Hamming loss lacks to 1. */
  readonly hamming: number;
  /** In class order. */
  readonly labels: readonly LabelReport[];
  /** Plain mean over the labels that occur, in pictures or in answers. */
  readonly macro: MeanReport;
  /** Of all labels counted together. */
  readonly micro: MeanReport;
  /** Mean average precision: of the labels that some pictures bear and others do not. NaN where there is none. */
  readonly meanAveragePrecision: number;
  readonly answers: readonly Answer[];
}

/**
 * Runs a network that gives any number of labels over one split. The data's labels must be the model's, in its order.
 * @throws UserError when its task is another
 */
export async function evaluateLabels(
  model: Model,
  dataset: Dataset,
  split: SplitName,
  options: EvaluateOptions = {},
): Promise<LabelsEvaluation> {
  checkTask(model, "multi-label");
  return tallyLabels(await answersOf(model, dataset, split, options), model.classes.length);
}

/** The figures over answers on `count` labels. */
export function tallyLabels(answers: readonly Answer[], count: number): LabelsEvaluation {
  const n = answers.length;
  const labels = Array.from({ length: count }, (_, label): LabelReport => {
    const borne = answers.map(({ sample }) => sample.values![label] === 1);
    const said = answers.map(({ logits }) => logits[label]! > 0);
    const both = borne.filter((is, at) => is && said[at]).length;
    return {
      ...classReport(borne.filter(Boolean).length, said.filter(Boolean).length, both),
      ranking: rank(
        answers.map(({ logits }) => logits[label]!),
        borne,
      ),
    };
  });
  const sum = (of: (report: LabelReport) => number): number =>
    labels.reduce((total, report) => total + of(report), 0);
  const micro = classReport(
    sum((report) => report.n),
    sum((report) => report.predicted),
    sum((report) => report.correct),
  );
  const precisions = labels.map(({ ranking }) => ranking.averagePrecision).filter(Number.isFinite);
  const exact = answers.filter((answer) => wrongLabels(answer).length === 0).length;
  return {
    task: "multi-label",
    n,
    loss: meanLoss(answers),
    exact,
    exactMatch: exact / n,
    interval: wilsonInterval(exact, n),
    hamming: 1 - answers.reduce((wrong, answer) => wrong + wrongLabels(answer).length, 0) / (n * count),
    labels,
    macro: macroMean(labels),
    micro: { precision: micro.precision, recall: micro.recall, f1: micro.f1 },
    meanAveragePrecision: precisions.reduce((total, precision) => total + precision, 0) / precisions.length,
    answers,
  };
}

/** Indices of the labels that a picture bears and the network does not say, or the other way round; the worst first. */
export function wrongLabels({ sample, logits }: Answer): number[] {
  return sample
    .values!.map((value, label) => ({ label, cost: (1 - 2 * value) * logits[label]! }))
    .filter(({ label, cost }) => cost > 0 || (cost === 0 && sample.values![label] === 1))
    .sort((a, b) => b.cost - a.cost)
    .map(({ label }) => label);
}
