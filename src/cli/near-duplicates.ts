import type { Framing } from "../base/framing.ts";
import type { Dataset } from "../data/dataset.ts";
import { withNearDuplicates } from "../data/near-duplicates.ts";
import { ProgressLine } from "./progress.ts";

/** The data with its near-duplicates; progress shows where pictures have to be read for that. */
export async function lookForNearDuplicates(dataset: Dataset, framing: Framing): Promise<Dataset> {
  const line = new ProgressLine("looking for near-duplicates", "img");
  const progress = (done: number, total: number): void => line.update({ done, total });
  const compared = await withNearDuplicates(dataset, framing, progress);
  line.clear();
  return compared;
}
