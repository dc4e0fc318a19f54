import { listNames, UsageError, UserError } from "../base/errors.ts";
import type { Framing } from "../base/framing.ts";
import { type Dataset, type Sample, type SplitName, splitNames } from "../data/dataset.ts";
import { type FolderOptions, openFolder } from "../data/folder.node.ts";
import { preload } from "../data/preload.ts";
import { syntheticDataset } from "../data/synthetic/index.ts";
import type { RunConfig } from "../train/config.ts";
import { note } from "./output.ts";
import { ProgressLine } from "./progress.ts";

/**
 * The pictures of a run, decoded at the size of its network and kept; what is wrong with them is said.
 * @throws UserError when none are left to validate with
 */
export async function openData(
  { data, seed }: Pick<RunConfig, "data" | "seed">,
  size: Framing,
): Promise<Dataset> {
  if (data.kind === "built-in") {
    const { train, validation, test, shortcut } = data;
    const options = {
      seed,
      train,
      validation,
      test,
      ...(shortcut ? { shortcut: { label: 1 } as const } : {}),
    };
    return decode(syntheticDataset(options), size, "drawing pictures");
  }
  const { path, validationFraction } = data;
  const dataset = await decode(await lookThrough(path, { seed, validationFraction }), size);
  if (dataset.splits.validation.length === 0)
    throw new UserError(
      `${path} leaves no pictures to validate with; fill its validation folder, or remove it and give a --validation-fraction above 0.`,
    );
  return dataset;
}

/** One split of a folder, to score a network on. */
export interface OpenedSplit {
  /** Only this split has pictures. */
  readonly dataset: Dataset;
  readonly split: SplitName;
  /** Whether the folder has others. */
  readonly chosen: boolean;
}

/**
 * Decodes and keeps one split of a folder: the one asked for, or validation, test or train, the first that has pictures.
 * @param classes the network's, in which labels are to count
 * @throws UserError when there are no such pictures, or the network does not know one of their classes
 */
export async function openSplit(
  folder: string,
  wanted: SplitName | undefined,
  classes: readonly string[],
  size: Framing,
): Promise<OpenedSplit> {
  const source = await lookThrough(folder, { validationFraction: 0 });
  const present = splitNames.filter((name) => source.splits[name].length > 0);
  const split = wanted ?? (["validation", "test", "train"] as const).find((name) => present.includes(name))!;
  const samples = source.splits[split];
  if (samples.length === 0)
    throw new UsageError(`${folder} has no ${split} pictures, only ${listNames(present)}.`);
  const found = source.classes.filter((_, label) => samples.some((sample) => sample.label === label));
  const unknown = found.filter((name) => !classes.includes(name));
  if (unknown.length > 0)
    throw new UserError(
      `${folder} has the class ${listNames(unknown)}, which the network does not know; it knows ${listNames(classes)}.`,
    );
  const none = { train: [], validation: [], test: [] };
  const decoded = await decode(inClasses({ ...source, splits: { ...none, train: samples } }, found), size);
  const splits = { ...none, [split]: decoded.splits.train };
  return { dataset: inClasses({ ...decoded, splits }, classes), split, chosen: present.length > 1 };
}

async function lookThrough(folder: string, options: FolderOptions): Promise<Dataset> {
  const line = new ProgressLine(`looking through ${folder}`, "files");
  const dataset = await openFolder(folder, {
    ...options,
    progress: (done, total) => line.update({ done, total }),
  });
  line.clear();
  return dataset;
}

async function decode(source: Dataset, size: Framing, doing = "reading pictures"): Promise<Dataset> {
  const line = new ProgressLine(doing, "img");
  const dataset = await preload(source, size, { progress: (done, total) => line.update({ done, total }) });
  line.clear();
  for (const remark of dataset.remarks) note(`note: ${remark}`);
  return dataset;
}

/** The same pictures with labels counted in `classes`, which hold all of theirs. */
function inClasses(dataset: Dataset, classes: readonly string[]): Dataset {
  const originals = new Map<Sample, Sample>();
  const relabel = (samples: readonly Sample[]): Sample[] =>
    samples.map((sample) => {
      const relabelled = { ...sample, label: classes.indexOf(dataset.classes[sample.label]!) };
      originals.set(relabelled, sample);
      return relabelled;
    });
  const { train, validation, test } = dataset.splits;
  return {
    ...dataset,
    classes,
    splits: { train: relabel(train), validation: relabel(validation), test: relabel(test) },
    read: (sample, size) => dataset.read(originals.get(sample)!, size),
  };
}
