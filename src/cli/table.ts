export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Numbers stand at the right. */
  readonly numeric?: boolean;
}

/** Rows under headings, two spaces between columns. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const aligned = (text: string, at: number): string =>
    columns[at]!.numeric ? text.padStart(widths[at]!) : text.padEnd(widths[at]!);
  return lines.map((line) => line.map(aligned).join("  ").trimEnd()).join("\n");
}
