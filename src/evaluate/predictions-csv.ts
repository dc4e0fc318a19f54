import type { Evaluation } from "./evaluate.ts";

/**
 * What the network said of every picture, as RFC 4180 has it, CRLF and all: its name, its class, the class predicted, and of
 * each class the probability and the logit.
 */
export function predictionsCsv({ judgements }: Evaluation, classes: readonly string[]): string {
  const heading = [
    "path",
    "class",
    "predicted",
    ...classes.map((name) => `probability ${name}`),
    ...classes.map((name) => `logit ${name}`),
  ];
  const rows = judgements.map(({ sample, predicted, scores }) => [
    sample.name,
    classes[sample.label]!,
    classes[predicted]!,
    ...scores.map(({ probability }) => digits(probability)),
    ...scores.map(({ logit }) => digits(logit)),
  ]);
  return [heading, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** As many as tell one float32 from the next. */
function digits(value: number): string {
  return String(Number(value.toPrecision(9)));
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
