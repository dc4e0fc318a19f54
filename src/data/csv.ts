import { UserError } from "../base/errors.ts";

/** A row of a table, and the line of the file that it begins in, counted from 1. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** What may stand between fields: RFC 4180's comma, the semicolon of spreadsheets where a comma is the decimal mark, a tab. */
export type Delimiter = "," | ";" | "\t";

const delimiters: readonly Delimiter[] = [",", ";", "\t"];

export interface Csv {
  readonly rows: readonly CsvRow[];
  readonly delimiter: Delimiter;
}

/**
 * Reads a table as RFC 4180 has it, with either line ending; a byte-order mark and empty lines are passed over. The delimiter is the one
 * that the heading has most of. Spaces around fields that are not quoted are left out.
 * @param source what to call it in errors
 * @throws UserError when a quoted field does not end, or goes on after its end
 */
export function readCsv(text: string, source: string): Csv {
  const body = text.replace(/^\uFEFF/, "");
  const delimiter = delimiterOf(/\S.*/.exec(body)?.[0] ?? "");
  const end = `(${delimiter}|\\r?\\n|\\r|$)`;
  // A field and what ends it: quoted, its quotes doubled, or plain.
  const field = new RegExp(` *"([^"]*(?:""[^"]*)*)" *${end}|([^${delimiter}\\r\\n]*)${end}`, "y");
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let [line, begun] = [1, 1];
  while (field.lastIndex < body.length || fields.length > 0) {
    const [whole, quoted, quotedEnd, plain, plainEnd] = field.exec(body)!;
    if (plain?.trimStart().startsWith('"'))
      throw new UserError(
        `${source}, line ${line}: a field's quotes do not end where it ends; double those within it.`,
      );
    fields.push(quoted?.replaceAll('""', '"') ?? plain!.trim());
    line += whole.split("\n").length - 1;
    if ((quotedEnd ?? plainEnd) === delimiter) continue;
    if (fields.some((text) => text !== "")) rows.push({ fields, line: begun });
    fields = [];
    begun = line;
  }
  return { rows, delimiter };
}

function delimiterOf(heading: string): Delimiter {
  const counts = delimiters.map((mark) => heading.split(mark).length);
  return delimiters[counts.indexOf(Math.max(...counts))]!;
}

/** A table as RFC 4180 has it, CRLF and all. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
