import { listNames, UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { readCsv } from "./csv.ts";
import type { SplitName } from "./dataset.ts";
import { splitFolders } from "./layout.ts";
import { count } from "./splits.ts";

/** Photos by name, and what a table says of them. */
export interface LabelTable {
  /** What to call it in errors. */
  readonly source: string;
  readonly photos: readonly ListedPhoto[];
  /** All columns but those of names and splits, in the table's order. */
  readonly columns: readonly Column[];
  /** Whether numbers are written with a comma, as beside semicolons. */
  readonly decimalComma: boolean;
}

export interface ListedPhoto {
  /** Relative to the photos' folder, with forward slashes. */
  readonly name: string;
  /** Undefined where the table has no column of splits. */
  readonly split: SplitName | undefined;
  readonly line: number;
}

export interface Column {
  readonly name: string;
  /** A cell for each photo. */
  readonly cells: readonly string[];
}

const nameColumns = ["file", "filename", "image", "path"];

/**
 * Reads a CSV whose rows are photos: their names in the first column, or the one that is called file, filename, image or path; where a
 * column is called split, their split.
 * @throws UserError naming the line, when it is empty, torn, names a photo twice or outside of the folder, or a split that there is not
 */
export function readLabelTable(text: string, source: string): LabelTable {
  const {
    rows: [heading, ...rows],
    delimiter,
  } = readCsv(text, source);
  if (!heading)
    throw new UserError(
      `${source} is empty; give a line with the names of its columns, then one for each photo.`,
    );
  const names = heading.fields;
  const again = names.find((name, at) => names.indexOf(name) !== at);
  if (again !== undefined)
    throw new UserError(`${source} has two columns "${again}"; give each a name of its own.`);
  if (rows.length === 0) throw new UserError(`${source} lists no photos; give a line for each.`);
  for (const { fields, line } of rows)
    if (fields.length !== names.length)
      throw new UserError(
        `${source}, line ${line}: there ${fields.length === 1 ? "is" : "are"} ${count(fields.length, "field")} for ${count(names.length, "column")}; quote those that hold a "${delimiter}".`,
      );
  const isCalled = (wanted: readonly string[]): number =>
    names.findIndex((name) => wanted.includes(name.toLowerCase()));
  const nameAt = Math.max(0, isCalled(nameColumns));
  const splitAt = isCalled(["split"]);
  const photos = rows.map(({ fields, line }) => ({
    name: photoName(fields[nameAt]!, `${source}, line ${line}`),
    split: splitAt < 0 ? undefined : splitNamed(fields[splitAt]!, `${source}, line ${line}`),
    line,
  }));
  checkDistinct(photos, source);
  return {
    source,
    photos,
    columns: names.flatMap((name, at) =>
      at === nameAt || at === splitAt ? [] : [{ name, cells: rows.map(({ fields }) => fields[at]!) }],
    ),
    decimalComma: delimiter === ";",
  };
}

function photoName(text: string, place: string): string {
  const name = text.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  if (name === "") throw new UserError(`${place}: there is no photo's name; give it, or remove the line.`);
  if (/^\/|^[a-z]:\/|(^|\/)\.\.(\/|$)/i.test(name))
    throw new UserError(`${place}: ${text} is not in the photos' folder; name photos relative to it.`);
  return name;
}

function splitNamed(text: string, place: string): SplitName {
  const split = splitFolders[text.toLowerCase()];
  if (!split) throw new UserError(`${place}: the split is "${text}"; it must be train, validation or test.`);
  return split;
}

function checkDistinct(photos: readonly ListedPhoto[], source: string): void {
  const lines = new Map<string, number>();
  for (const { name, line } of photos) {
    const before = lines.get(name);
    if (before !== undefined)
      throw new UserError(
        `${source}, line ${line}: ${name} is in line ${before} already; leave one of the two.`,
      );
    lines.set(name, line);
  }
}

/** The column of that name. @throws UserError naming the nearest, when there is none */
export function findColumn({ source, columns }: LabelTable, name: string): Column {
  const column = columns.find((known) => known.name === name);
  if (column) return column;
  const names = columns.map((known) => known.name);
  if (names.length === 0)
    throw new UserError(`${source} has no column beside the photos' names; add "${name}".`);
  throw new UserError(`${source} has no column "${name}"; did you mean "${nearestFirst(name, names)[0]}"?`);
}

/** The one column there is. @throws UserError listing them, when there are more or none */
export function onlyColumn({ source, columns }: LabelTable, what: string): Column {
  if (columns.length === 1) return columns[0]!;
  const names = columns.map(({ name }) => name);
  throw new UserError(
    names.length === 0
      ? `${source} has no column beside the photos' names; add one of ${what}.`
      : `${source} does not say which column holds ${what}; name one of ${listNames(names)} as the target.`,
  );
}

/** What to call a photo's row in errors. */
export const placeOf = ({ source, photos }: LabelTable, row: number): string =>
  `${source}, line ${photos[row]!.line}`;
