import { UserError } from "../../base/errors.ts";
import { type Column, findColumn, type LabelTable, onlyColumn, placeOf } from "../label-table.ts";
import { checkClasses, splitStratified } from "../splits.ts";
import type { DataTask } from "./task.ts";

const names = ["label", "class"];

/** A column of class names. */
export const singleLabel: DataTask = {
  fits: (table) => ownColumn(table) !== undefined,
  read(table, target) {
    const { cells } =
      target === undefined
        ? (ownColumn(table) ?? onlyColumn(table, "the classes"))
        : findColumn(table, target);
    const empty = cells.indexOf("");
    if (empty >= 0)
      throw new UserError(`${placeOf(table, empty)}: the photo has no class; give it, or remove the line.`);
    const classes = [...new Set(cells)].sort();
    return { classes, truths: cells.map((name) => ({ label: classes.indexOf(name) })) };
  },
  column: () => undefined,
  renamed: ({ label }, from, to) => ({ label: to.indexOf(from[label]!) }),
  listed: ({ label }, classes) => ({ class: classes[label]! }),
  counts: ({ label }, index) => label === index,
  split: splitStratified,
  check: checkClasses,
};

const ownColumn = ({ columns }: LabelTable): Column | undefined =>
  columns.find(({ name }) => names.includes(name.toLowerCase()));
