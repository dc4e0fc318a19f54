import { listNames, UserError } from "../../base/errors.ts";
import { type SplitName, splitNames } from "../dataset.ts";
import { iterativeStratification } from "../iterative-stratification.ts";
import { type Column, findColumn, type LabelTable, placeOf } from "../label-table.ts";
import { refuse } from "../splits.ts";
import type { DataTask, Truths } from "./task.ts";

const names = ["labels", "classes", "tags"];

/** A column for each label, with 0 or 1; or one with the names of all that a photo bears, set apart by `|`, `;` or spaces. */
export const multiLabel: DataTask = {
  fits: (table) =>
    listColumn(table) !== undefined ||
    (table.columns.length > 0 && table.columns.every(({ cells }) => cells.every((cell) => bits.has(cell)))),
  read(table, target) {
    const list = target === undefined ? listColumn(table) : findColumn(table, target);
    return list ? fromList(list) : fromBits(table);
  },
  column: () => undefined,
  renamed: ({ label, values }, from, to) => ({
    label,
    values: to.map((name) => values![from.indexOf(name)] ?? 0),
  }),
  listed: ({ values }, classes) => ({ labels: classes.filter((_, label) => values![label] === 1) }),
  counts: ({ values }, label) => values![label] === 1,
  split: iterativeStratification,
  check(source, classes, splits, broken) {
    if (splits.validation.length === 0) return [];
    const bearing = (split: SplitName, label: number): number =>
      splits[split].filter(({ values }) => values![label] === 1).length;
    for (const [label, name] of classes.entries()) {
      const others = splitNames.filter((split) => split !== "train" && bearing(split, label) > 0);
      const inTrain = bearing("train", label);
      if (inTrain === 0 && others.length > 0)
        refuse(
          `the label "${name}" of ${source} is set in ${listNames(others)} but not in train; set it for photos of train, or leave it out`,
          broken,
        );
      if (inTrain === 0 || inTrain === splits.train.length)
        refuse(
          `the label "${name}" of ${source} is set for ${inTrain === 0 ? "no" : "every"} photo of train, so there is nothing to learn of it; leave it out, or add others`,
          broken,
        );
    }
    return (["validation", "test"] as const)
      .filter((split) => splits[split].length > 0)
      .flatMap((split) =>
        classes
          .filter((_, label) => bearing(split, label) === 0)
          .map((name) => `${split} has no pictures with the label "${name}"`),
      );
  },
};

const listColumn = ({ columns }: LabelTable): Column | undefined =>
  columns.find(({ name }) => names.includes(name.toLowerCase()));

function fromList({ cells }: Column): Truths {
  const mark = ["|", ";"].find((sign) => cells.some((cell) => cell.includes(sign))) ?? /\s+/;
  const lists = cells.map((cell) =>
    cell
      .split(mark)
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  );
  const classes = [...new Set(lists.flat())].sort();
  return {
    classes,
    truths: lists.map((list) => ({ label: -1, values: classes.map((name) => Number(list.includes(name))) })),
  };
}

/** As pandas writes booleans and whole numbers, too. */
const bits: ReadonlyMap<string, number> = new Map([
  ...["0", "0.0", "false", "False", "FALSE"].map((word) => [word, 0] as const),
  ...["1", "1.0", "true", "True", "TRUE"].map((word) => [word, 1] as const),
]);

function fromBits(table: LabelTable): Truths {
  const { source, photos, columns } = table;
  if (columns.length === 0)
    throw new UserError(`${source} has no column beside the photos' names; add one for each label.`);
  const bit = ({ name, cells }: Column, row: number): number => {
    const value = bits.get(cells[row]!);
    if (value !== undefined) return value;
    throw new UserError(`${placeOf(table, row)}: the label "${name}" is "${cells[row]}"; it must be 0 or 1.`);
  };
  return {
    classes: columns.map(({ name }) => name),
    truths: photos.map((_, row) => ({ label: -1, values: columns.map((column) => bit(column, row)) })),
  };
}
