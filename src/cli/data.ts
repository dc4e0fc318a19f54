import { listNames, UserError } from "../base/errors.ts";
import type { Dataset, Sample, Size } from "../data/dataset.ts";
import { openFolder } from "../data/folder.node.ts";
import { preload } from "../data/preload.ts";
import { syntheticDataset } from "../data/synthetic/index.ts";
import type { RunConfig } from "../train/config.ts";
import { note } from "./output.ts";
import { ProgressLine } from "./progress.ts";

/** The pictures of a run, decoded at the size of its network and kept; what is wrong with them is said. */
export async function openData(config: Pick<RunConfig, "data" | "seed">, size: Size): Promise<Dataset> {
  const source = await openSource(config.data, config.seed);
  const line = new ProgressLine(
    config.data.kind === "folder" ? "reading pictures" : "drawing pictures",
    "img",
  );
  const dataset = await preload(source, size, { progress: (done, total) => line.update({ done, total }) });
  line.clear();
  for (const remark of dataset.remarks) note(`note: ${remark}`);
  return dataset;
}

async function openSource(data: RunConfig["data"], seed: number): Promise<Dataset> {
  if (data.kind === "built-in") {
    const { train, validation, test } = data;
    return syntheticDataset({
      seed,
      train,
      validation,
      test,
      ...(data.shortcut ? { shortcut: { label: 1 } } : {}),
    });
  }
  const line = new ProgressLine(`looking through ${data.path}`, "files");
  const { path, validationFraction } = data;
  const dataset = await openFolder(path, {
    seed,
    validationFraction,
    progress: (done, total) => line.update({ done, total }),
  });
  line.clear();
  return dataset;
}

/**
 * The same data with labels counted in the model's classes.
 * @throws UserError when the data has a class that the model does not know
 */
export function withClassesOf(dataset: Dataset, classes: readonly string[]): Dataset {
  const unknown = dataset.classes.filter((name) => !classes.includes(name));
  if (unknown.length > 0)
    throw new UserError(
      `${dataset.source} has the class ${listNames(unknown)}, which the model does not know; its classes are ${listNames(classes)}.`,
    );
  const relabel = (samples: readonly Sample[]): Sample[] =>
    samples.map((sample) => ({ ...sample, label: classes.indexOf(dataset.classes[sample.label]!) }));
  const originals = new Map<string, Sample>();
  for (const samples of Object.values(dataset.splits))
    for (const sample of samples) originals.set(sample.name, sample);
  const { train, validation, test } = dataset.splits;
  return {
    ...dataset,
    classes,
    splits: { train: relabel(train), validation: relabel(validation), test: relabel(test) },
    read: (sample, size) => dataset.read(originals.get(sample.name)!, size),
  };
}
