import type { Framing } from "../base/framing.ts";
import type { Dataset, NearDuplicate } from "../data/dataset.ts";
import { labelledOtherwise, withNearDuplicates } from "../data/near-duplicates.ts";
import { ProgressLine } from "./progress.ts";

/** The data with its near-duplicates; progress shows where pictures have to be read for that. */
export async function lookForNearDuplicates(dataset: Dataset, framing: Framing): Promise<Dataset> {
  const line = new ProgressLine("looking for near-duplicates", "img");
  const progress = (done: number, total: number): void => line.update({ done, total });
  const compared = await withNearDuplicates(dataset, framing, progress);
  line.clear();
  return compared;
}

/** Pairs as evaluations have them for machines. */
export function nearDuplicatesJson(pairs: readonly NearDuplicate[]): object[] {
  return pairs.map((pair) => ({
    path: pair.sample.name,
    original: pair.original.name,
    mirrored: pair.mirrored,
    correlation: pair.correlation,
    labelledOtherwise: labelledOtherwise(pair),
  }));
}
