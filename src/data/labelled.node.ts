import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { type TaskName, tasks } from "../model/tasks/index.ts";
import type { Dataset, Sample, SplitName } from "./dataset.ts";
import { decodePicture, readBytes } from "./decode.node.ts";
import { fileError } from "./files.node.ts";
import { checkFraction, type FolderOptions } from "./folder.node.ts";
import { inspectFile } from "./inspect.node.ts";
import { type LabelTable, readLabelTable } from "./label-table.ts";
import { mapParallel } from "./parallel.ts";
import { count, type Splits, separateDuplicates } from "./splits.ts";
import { dataTasks } from "./tasks/index.ts";

export interface LabelledOptions extends FolderOptions {
  /** What is to be learnt; it shows in the table's columns unless it is numbers. */
  readonly task?: TaskName | undefined;
  /** The column that says it. */
  readonly target?: string | undefined;
}

/**
 * Opens photos in a folder whose labels stand in a table (see `readLabelTable`): which one of the classes each is of (a column `label` or
 * `class`), any number of labels (a column of 0 and 1 for each, or `labels` with their names), or a number (the column `target`). Where the
 * table has no splits, a seeded one sets photos apart for validation.
 * @param labels path of the CSV file
 * @throws UserError when a file is missing, the table cannot be read or tells nothing to learn, or names photos that are not there
 * @throws UsageError when `validationFraction` is not in [0, 1)
 */
export async function openLabelled(
  folder: string,
  labels: string,
  { task: asked, target, seed = 0, validationFraction = 0.2, progress }: LabelledOptions = {},
): Promise<Dataset> {
  checkFraction(validationFraction);
  const text = await readFile(labels, "utf8").catch((error) => {
    throw fileError(error, labels);
  });
  const table = readLabelTable(text, labels);
  const task = asked ?? (target === undefined ? taskIn(table) : "regression");
  const { read, split, check } = dataTasks[task];
  const { classes, truths } = read(table, target);
  checkPresent(folder, table);
  const findings = await mapParallel(
    table.photos,
    async ({ name }) =>
      (await inspectFile(join(folder, name))) ?? { error: `${join(folder, name)} is no picture` },
    progress,
  );
  const broken = findings.flatMap((finding) => ("error" in finding ? [finding.error] : []));
  const samples = table.photos.flatMap(({ name, split: own }, row) => {
    const finding = findings[row]!;
    return "error" in finding ? [] : [{ sample: { name, ...truths[row]!, hash: finding.hash }, own }];
  });
  const of = (wanted: SplitName | undefined): Sample[] =>
    samples.filter(({ own }) => own === wanted).map(({ sample }) => sample);
  const own: Splits = {
    train: [...of("train"), ...of(undefined)],
    validation: of("validation"),
    test: of("test"),
  };
  const given =
    own.validation.length > 0
      ? own
      : { ...own, ...split(own.train, classes, { seed, fraction: validationFraction }) };
  const { splits, remarks } = separateDuplicates(given);
  const missing = check(labels, classes, splits, broken);
  return {
    source: folder,
    task,
    classes,
    splits,
    remarks: [
      ...(broken.length > 0 ? [`${count(broken.length, "broken file")} skipped`, ...broken] : []),
      ...remarks,
      ...missing,
    ],
    read: async (sample, size) => {
      const path = join(folder, sample.name);
      return decodePicture(await readBytes(path), path, size);
    },
  };
}

function taskIn(table: LabelTable): TaskName {
  const names = Object.keys(tasks) as TaskName[];
  const found = names.find((name) => dataTasks[name].fits(table));
  if (found) return found;
  throw new UserError(
    `${table.source} does not show what is to be learnt: it has no column "label" or "labels", and its others hold more than 0 and 1; name the task, or a column of numbers as the target.`,
  );
}

function checkPresent(folder: string, { source, photos }: LabelTable): void {
  const missing = photos.filter(({ name }) => !existsSync(join(folder, name)));
  const [first] = missing;
  if (first)
    throw new UserError(
      `${source} names ${count(missing.length, "photo")} that ${missing.length === 1 ? "is" : "are"} not in ${folder}, the first in line ${first.line}: ${first.name}; name them relative to it.`,
    );
}
