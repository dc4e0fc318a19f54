import { listNames, UsageError, UserError } from "../base/errors.ts";
import type { Framing } from "../base/framing.ts";
import { type Dataset, type Sample, type SplitName, splitNames } from "../data/dataset.ts";
import { type FolderOptions, openFolder } from "../data/folder.node.ts";
import { type LabelledOptions, openLabelled } from "../data/labelled.node.ts";
import { preload } from "../data/preload.ts";
import { syntheticDataset } from "../data/synthetic/index.ts";
import { dataTasks } from "../data/tasks/index.ts";
import type { Network } from "../model/model.ts";
import { taskOf } from "../model/tasks/index.ts";
import type { RunConfig } from "../train/config.ts";
import { note } from "./output.ts";
import { ProgressLine } from "./progress.ts";

/**
 * The pictures of a run, none of them decoded.
 * @throws UserError when none are left to validate with
 */
export async function openData({ data, seed }: Pick<RunConfig, "data" | "seed">): Promise<Dataset> {
  if (data.kind === "built-in") {
    const { train, validation, test, shortcut } = data;
    const options = {
      seed,
      train,
      validation,
      test,
      ...(shortcut ? { shortcut: { label: 1 } as const } : {}),
    };
    return syntheticDataset(options);
  }
  const { path, labels, task, target, validationFraction } = data;
  const dataset = await lookThrough(path, { seed, validationFraction }, { labels, task, target });
  if (dataset.splits.validation.length === 0) {
    const place = labels === undefined ? "fill its validation folder" : "name some in its column split";
    throw new UserError(
      `${labels ?? path} leaves no pictures to validate with; ${place}, or remove it and give a --validation-fraction above 0.`,
    );
  }
  return dataset;
}

/** The pictures of a run, decoded at the size of its network and kept. */
export function decodeData(
  dataset: Dataset,
  { data }: Pick<RunConfig, "data">,
  size: Framing,
): Promise<Dataset> {
  return decode(dataset, size, data.kind === "built-in" ? "drawing pictures" : "reading pictures");
}

/** A table of labels, and what it was said to hold. */
export interface LabelsOptions extends Pick<LabelledOptions, "task" | "target"> {
  readonly labels?: string | undefined;
}

/** A folder's pictures in the splits that it brings itself, none of them decoded; a table of labels has to say what the network says. */
export function openSplits(folder: string, labels: string | undefined, network: Network): Promise<Dataset> {
  const task = taskOf(network).name;
  const target = dataTasks[task].column(network.classes);
  return lookThrough(folder, { validationFraction: 0 }, { labels, task, target });
}

/**
 * The split to score a network on: the one asked for, or validation, test or train, the first that has pictures.
 * @throws UsageError when the one asked for has none
 */
export function chooseSplit({ source, splits }: Dataset, wanted: SplitName | undefined): SplitName {
  const present = splitNames.filter((name) => splits[name].length > 0);
  const split = wanted ?? (["validation", "test", "train"] as const).find((name) => present.includes(name))!;
  if (!present.includes(split))
    throw new UsageError(`${source} has no ${split} pictures, only ${listNames(present)}.`);
  return split;
}

/**
 * Decodes and keeps one split; the others are left empty.
 * @param network whose classes labels are to count in
 * @throws UserError when the network does not know one of the split's classes, or is of another task
 */
export async function decodeSplit(source: Dataset, split: SplitName, network: Network): Promise<Dataset> {
  const { classes } = network;
  if (taskOf(source) !== taskOf(network))
    throw new UserError(
      `${source.source} says of a picture ${taskOf(source).summary}, but the network ${taskOf(network).summary}; give a table of that (--labels).`,
    );
  const samples = source.splits[split];
  const { name, noun } = taskOf(source);
  const found = source.classes.filter((_, label) =>
    samples.some((sample) => dataTasks[name].counts(sample, label)),
  );
  const unknown = found.filter((name) => !classes.includes(name));
  if (unknown.length > 0)
    throw new UserError(
      `${source.source} has the ${noun[0]} ${listNames(unknown)}, which the network does not know; it knows ${listNames(classes)}.`,
    );
  const none = { train: [], validation: [], test: [] };
  const decoded = await decode(
    inClasses({ ...source, splits: { ...none, train: samples } }, found),
    network.input,
  );
  return inClasses({ ...decoded, splits: { ...none, [split]: decoded.splits.train } }, classes);
}

async function lookThrough(
  folder: string,
  options: FolderOptions,
  { labels, ...asked }: LabelsOptions,
): Promise<Dataset> {
  const line = new ProgressLine(`looking through ${folder}`, "files");
  const progress = (done: number, total: number): void => line.update({ done, total });
  const dataset = await (labels === undefined
    ? openFolder(folder, { ...options, progress })
    : openLabelled(folder, labels, { ...options, ...asked, progress }));
  line.clear();
  return dataset;
}

async function decode(source: Dataset, size: Framing, doing = "reading pictures"): Promise<Dataset> {
  const line = new ProgressLine(doing, "img");
  const dataset = await preload(source, size, { progress: (done, total) => line.update({ done, total }) });
  line.clear();
  return dataset;
}

/** Says what is wrong with the pictures, each thing once. */
export function noteRemarks(...datasets: readonly Pick<Dataset, "remarks">[]): void {
  for (const remark of new Set(datasets.flatMap(({ remarks }) => remarks))) note(`note: ${remark}`);
}

/** The same pictures with labels counted in `classes`, which hold all of theirs. */
function inClasses(dataset: Dataset, classes: readonly string[]): Dataset {
  const { renamed } = dataTasks[taskOf(dataset).name];
  const originals = new Map<Sample, Sample>();
  const relabel = (samples: readonly Sample[]): Sample[] =>
    samples.map((sample) => {
      const relabelled = { ...sample, ...renamed(sample, dataset.classes, classes) };
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
