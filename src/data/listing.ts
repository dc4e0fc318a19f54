import { sha256 } from "../base/hash.ts";
import { type Dataset, type SplitName, splitNames } from "./dataset.ts";
import { dataTasks } from "./tasks/index.ts";
import type { Truthful } from "./tasks/task.ts";

/** What a run was trained on, as it stands in the run folder. */
export interface Listing {
  readonly source: string;
  readonly classes: readonly string[];
  /** Pictures of each class in each split, or that bear each label. */
  readonly counts: Readonly<Record<SplitName, Readonly<Record<string, number>>>>;
  /** SHA-256 of the classes and files below: two runs with the same hash saw the same pictures in the same roles. */
  readonly hash: string;
  readonly remarks: readonly string[];
  readonly files: readonly ListedFile[];
}

export interface ListedFile extends Truthful {
  readonly name: string;
  readonly split: SplitName;
  /** SHA-256 of the content. */
  readonly hash: string;
}

/** Lists a data set, for a run's records and for telling on resume whether the data changed. */
export async function listDataset(dataset: Dataset): Promise<Listing> {
  const { source, task = "single-label", classes, splits, remarks } = dataset;
  const { listed, counts: counted } = dataTasks[task];
  const files = splitNames.flatMap((split) =>
    splits[split].map((sample) => ({
      name: sample.name,
      ...listed(sample, classes),
      split,
      hash: sample.hash,
    })),
  );
  const countOf = (split: SplitName, label: number): number =>
    splits[split].filter((sample) => counted(sample, label)).length;
  const counts = Object.fromEntries(
    splitNames.map((split) => [
      split,
      Object.fromEntries(classes.map((name, label) => [name, countOf(split, label)])),
    ]),
  ) as Listing["counts"];
  const text = new TextEncoder().encode(JSON.stringify([classes, files]));
  return { source, classes, counts, hash: await sha256(text), remarks, files };
}
