import { parquetWriteBuffer } from "hyparquet-writer";
import { writeCsv } from "../data/csv.ts";
import type { SurveyRow } from "./row.ts";

/** The columns of a survey's tables, and what they hold; an index has the maps besides. */
const columns = {
  file: "STRING",
  label: "STRING",
  predicted: "STRING",
  probability: "DOUBLE",
  correct: "BOOLEAN",
  target: "STRING",
  score: "DOUBLE",
  evidence: "DOUBLE",
  border: "DOUBLE",
  centre: "DOUBLE",
  massX: "DOUBLE",
  massY: "DOUBLE",
  spread: "DOUBLE",
  peakX: "DOUBLE",
  peakY: "DOUBLE",
  inside: "DOUBLE",
  masked: "DOUBLE",
  forward: "DOUBLE",
  backward: "DOUBLE",
  warnings: "STRING",
} as const satisfies Partial<Record<keyof SurveyRow, string>>;

const names = Object.keys(columns) as (keyof typeof columns)[];

type Cell = string | number | boolean | undefined;

function cell(row: SurveyRow, name: (typeof names)[number]): Cell {
  return name === "warnings" ? row.warnings.join("; ") : row[name];
}

/** A row a photo, as RFC 4180 has it; what is not known is an empty field. */
export function surveyCsv(rows: readonly SurveyRow[]): string {
  return writeCsv([names, ...rows.map((row) => names.map((name) => String(cell(row, name) ?? "")))]);
}

/** The same as Apache Parquet; what is not known is null. */
export function surveyParquet(rows: readonly SurveyRow[]): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: names.map((name) => ({
        name,
        type: columns[name],
        data: rows.map((row) => cell(row, name) ?? null),
        nullable: true,
      })),
    }),
  );
}
