import {
  type ClassReport,
  classificationReport,
  type MeanReport,
} from "../evaluate/classification-report.ts";
import { percent } from "../render/figures/format.ts";
import { html, type Markup } from "./markup.ts";
import { whole } from "./words.ts";

/** Longer tables are folded away. */
const mostOpen = 12;

/** Precision, recall and F1 of every class that occurs in `confusion[label][predicted]`. */
export function classTable(
  title: string,
  confusion: readonly (readonly number[])[],
  names: readonly string[],
): Markup {
  const { classes, macro, weighted } = classificationReport(confusion);
  return reportTable({
    title,
    names,
    noun: "classes",
    reports: classes,
    means: [
      ["mean of the classes", macro],
      ["mean by pictures", weighted],
    ],
  });
}

interface ReportTable<R extends ClassReport> {
  readonly title: string;
  readonly names: readonly string[];
  /** What they are of: `classes`. */
  readonly noun: string;
  /** In the order of the names. */
  readonly reports: readonly R[];
  readonly means: readonly (readonly [title: string, mean: MeanReport])[];
  /** Columns beyond those that every report has. */
  readonly more?: readonly (readonly [heading: string, cell: (report: R) => string])[];
}

/** A row for each class, or label, that occurs. */
export function reportTable<R extends ClassReport>({
  title,
  names,
  noun,
  reports,
  means,
  more = [],
}: ReportTable<R>): Markup {
  const rows = reports.flatMap((report, label) =>
    report.n + report.predicted > 0
      ? [
          classRow(
            names[label]!,
            report,
            more.map(([, cell]) => cell(report)),
          ),
        ]
      : [],
  );
  const table = html`
    <div class="scroll"><table class="numbers">
      <thead>
        <tr><th>${title}</th><th>pictures</th><th colspan="2">precision</th><th colspan="2">recall</th><th>F1</th>${more.map(([heading]) => html`<th>${heading}</th>`)}</tr>
      </thead>
      <tbody>${rows}</tbody>
      <tfoot>${means.map(([name, mean]) => meanRow(name, mean, more.length))}</tfoot>
    </table></div>`;
  return rows.length > mostOpen
    ? html`<details><summary>${title}, ${rows.length} ${noun}</summary>${table}</details>`
    : table;
}

function classRow(name: string, report: ClassReport, more: readonly string[]): Markup {
  const { n, predicted, precision, precisionInterval, recall, recallInterval, f1 } = report;
  return html`
    <tr>
      <td><bdi>${name}</bdi></td><td>${whole(n)}</td>
      ${rate(predicted, precision, precisionInterval)}${rate(n, recall, recallInterval)}<td>${percent(f1)}</td>${more.map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
}

/** A rate and its 95% interval; dashes where nothing was counted. */
function rate(n: number, value: number, [low, high]: readonly [number, number]): Markup {
  if (n === 0) return html`<td>–</td><td></td>`;
  return html`<td>${percent(value)}</td><td class="quiet">${percent(low)} to ${percent(high)}</td>`;
}

function meanRow(title: string, { precision, recall, f1 }: MeanReport, more: number): Markup {
  return html`
    <tr><td>${title}</td><td></td><td>${percent(precision)}</td><td></td><td>${percent(recall)}</td><td></td><td>${percent(f1)}</td>${Array.from({ length: more }, () => html`<td></td>`)}</tr>`;
}
