import { type Calibration, calibration } from "../evaluate/calibration.ts";
import { classificationReport, mostConfused } from "../evaluate/classification-report.ts";
import { type Evaluation, type Judgement, leastCertain, worstMistakes } from "../evaluate/evaluate.ts";
import { mcnemar } from "../evaluate/mcnemar.ts";
import { area, counted, percent, significant } from "../render/figures/format.ts";
import {
  type ClassRow,
  classRows,
  confusionRates,
  type Rival,
  type Scored,
  type Temperature,
} from "./evaluation.ts";
import { say } from "./output.ts";
import { table } from "./table.ts";

const mostSaid = 3;
const mostPairs = 5;
/** Wider matrices and longer tables do not fit a terminal. */
const mostColumns = 8;
const mostRows = 20;

/** An evaluation for people. */
export function sayEvaluation({ classes, evaluation, temperature, against }: Scored): void {
  const { accuracy, interval, loss, confusion } = evaluation;
  say(`accuracy  ${percent(accuracy)}  (95% interval ${percent(interval[0])} to ${percent(interval[1])})`);
  say(`loss      ${loss.toFixed(4)}`);
  sayClasses(evaluation, classes);
  if (classes.length <= mostColumns) sayConfusion(confusion, classes);
  if (classes.length > 2) sayConfused(confusion, classes);
  const errors = calibration(evaluation);
  say(
    `\nCalibration: ECE ${percent(errors.ece)}, MCE ${percent(errors.mce)}, Brier score ${significant(errors.brier)}`,
  );
  if (temperature) sayTemperature(errors, temperature, loss);
  sayPictures("Worst mistakes", worstMistakes(evaluation, mostSaid), classes);
  sayPictures("Least certain", leastCertain(evaluation, mostSaid), classes);
  if (against) sayAgainst(evaluation, against);
}

function sayClasses(evaluation: Evaluation, classes: readonly string[]): void {
  const { macro, weighted } = classificationReport(evaluation.confusion);
  const rows = classRows(evaluation, classes).filter(({ n, predicted }) => n + predicted > 0);
  const shown = rows.length > mostRows ? rows.toSorted((a, b) => a.f1 - b.f1).slice(0, mostRows) : rows;
  const numeric = true;
  const means = [
    { class: "mean of the classes", ...macro },
    { class: "mean by pictures", ...weighted },
  ];
  type Row = (typeof means)[number] & Partial<ClassRow>;
  say(
    `\n${table<Row>(
      [
        { heading: "class", cell: (row) => row.class },
        { heading: "pictures", numeric, cell: ({ n }) => String(n ?? "") },
        {
          heading: "precision",
          numeric,
          cell: ({ precision, predicted }) => (predicted === 0 ? "–" : percent(precision)),
        },
        { heading: "recall", numeric, cell: ({ recall, n }) => (n === 0 ? "–" : percent(recall)) },
        { heading: "F1", numeric, cell: ({ f1 }) => percent(f1) },
        { heading: "AUC", numeric, cell: ({ auc }) => (auc === undefined ? "" : area(auc)) },
        {
          heading: "AP",
          numeric,
          cell: ({ averagePrecision }) => (averagePrecision === undefined ? "" : area(averagePrecision)),
        },
      ],
      [...shown, ...means],
    )}`,
  );
  if (shown.length < rows.length) say(`(of ${rows.length} classes those with the lowest F1; --json has all)`);
}

function sayConfusion(confusion: Evaluation["confusion"], classes: readonly string[]): void {
  const rates = confusionRates(confusion);
  const columns = classes.map((heading, predicted) => ({
    heading,
    numeric: true,
    cell: (label: number) =>
      `${confusion[label]![predicted]} ${percent(rates[label]![predicted]!).padStart(6)}`,
  }));
  say(
    `\n${table([{ heading: "really, predicted:", cell: (label) => classes[label]! }, ...columns], [...classes.keys()])}`,
  );
}

function sayConfused(confusion: Evaluation["confusion"], classes: readonly string[]): void {
  const pairs = mostConfused(confusion, mostPairs);
  if (pairs.length > 0) say("\nMost confused:");
  for (const { label, predicted, count, share } of pairs)
    say(`  ${classes[label]} taken for ${classes[predicted]}: ${count} (${percent(share)})`);
}

function sayTemperature(
  before: Calibration,
  { temperature, split, n, calibrated }: Temperature,
  loss: number,
): void {
  const after = calibration(calibrated);
  const changes = [
    `ECE ${percent(before.ece)} → ${percent(after.ece)}`,
    `Brier score ${significant(before.brier)} → ${significant(after.brier)}`,
    `loss ${loss.toFixed(4)} → ${calibrated.loss.toFixed(4)}`,
  ];
  say(`Temperature ${significant(temperature)}, fitted on ${counted(n, `${split} picture`)}:`);
  say(`  ${changes.join(", ")}`);
}

function sayPictures(title: string, judgements: readonly Judgement[], classes: readonly string[]): void {
  if (judgements.length > 0) say(`\n${title}:`);
  for (const { sample, predicted, scores } of judgements)
    say(
      `  ${sample.name}: ${classes[predicted]} ${percent(scores[predicted]!.probability)}, really ${classes[sample.label]}`,
    );
}

function sayAgainst(evaluation: Evaluation, { model, evaluation: other }: Rival): void {
  const { bothRight, onlyFirst, onlySecond, bothWrong, p } = mcnemar(evaluation, other);
  say(`\nAgainst ${model}, accuracy ${percent(other.accuracy)}:`);
  say(`  ${counted(bothRight, "picture")} both get right, ${bothWrong} neither`);
  say(`  ${onlyFirst} only this network, ${onlySecond} only the other`);
  say(
    `  McNemar's exact test: p = ${significant(p)}; ${
      p < 0.05
        ? "the difference is more than chance would readily give"
        : "a difference like this may well be chance"
    }`,
  );
}
