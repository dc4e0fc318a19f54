import { writeCsv } from "../data/csv.ts";
import type { ClassScore } from "../model/predict.ts";
import { byTask, type TaskEvaluation } from "./task-evaluation.ts";

/**
 * What the network said of every picture, as RFC 4180 has it, CRLF and all: its name and what is true of it, then what was said. Of classes that is
 * the class predicted, and of each the probability and the logit; of labels the same of each, with 1 where the picture bears it; of a value the value.
 */
export function predictionsCsv(evaluation: TaskEvaluation, classes: readonly string[]): string {
  return writeCsv(rowsOf(evaluation, classes));
}

const rowsOf = (evaluation: TaskEvaluation, classes: readonly string[]): string[][] =>
  byTask(evaluation, {
    "single-label": ({ judgements }) => [
      ["path", "class", "predicted", ...scoreHeadings(classes)],
      ...judgements.map(({ sample, predicted, scores }) => [
        sample.name,
        classes[sample.label]!,
        classes[predicted]!,
        ...scoreFields(scores),
      ]),
    ],
    "multi-label": ({ answers }) => [
      ["path", ...classes, ...scoreHeadings(classes)],
      ...answers.map(({ sample, scores }) => [
        sample.name,
        ...sample.values!.map(String),
        ...scoreFields(scores),
      ]),
    ],
    regression: ({ answers }) => [
      ["path", ...classes, "predicted", "error"],
      ...answers.map(({ sample, truth, value }) => [
        sample.name,
        String(truth),
        digits(value),
        digits(value - truth),
      ]),
    ],
  });

const scoreHeadings = (classes: readonly string[]): string[] => [
  ...classes.map((name) => `probability ${name}`),
  ...classes.map((name) => `logit ${name}`),
];

const scoreFields = (scores: readonly ClassScore[]): string[] => [
  ...scores.map(({ probability }) => digits(probability)),
  ...scores.map(({ logit }) => digits(logit)),
];

/** As many as tell one float32 from the next. */
function digits(value: number): string {
  return String(Number(value.toPrecision(9)));
}
