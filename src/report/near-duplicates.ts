import { listNames } from "../base/errors.ts";
import type { Framing } from "../base/framing.ts";
import type { Dataset, NearDuplicate, Sample, SplitName } from "../data/dataset.ts";
import { labelledOtherwise } from "../data/near-duplicates.ts";
import { mapParallel } from "../data/parallel.ts";
import { dataTasks } from "../data/tasks/index.ts";
import type { Encode } from "./cards.ts";
import { enlarged } from "./findings.ts";

/** One of two pictures. */
interface Side extends Pick<Sample, "name"> {
  readonly split: SplitName;
  /** As a `data:` URI. */
  readonly photo: string;
  /** Its class, its labels or its value. */
  readonly truth: string;
}

/** Two pictures that are nearly the same, ready for the page. */
export interface Pair extends Pick<NearDuplicate, "mirrored" | "correlation"> {
  /** The one held out, and the one of train. */
  readonly sides: readonly [Side, Side];
  readonly labelledOtherwise: boolean;
}

/** Pairs of each kind that are shown. */
const mostShown = 6;

/** The most alike of a data set's near-duplicates; of those whose labels differ the others, too, as one may be wrong. */
export function pairsOf(dataset: Dataset, framing: Framing, encode: Encode): Promise<Pair[]> {
  const { task = "single-label", classes, nearDuplicates = [] } = dataset;
  const torn = new Set(nearDuplicates.filter(labelledOtherwise).slice(0, mostShown));
  const side = async (sample: Sample, split: SplitName): Promise<Side> => {
    const { class: name, labels, value } = dataTasks[task].listed(sample, classes);
    return {
      name: sample.name,
      split,
      photo: await encode(await dataset.read(sample, enlarged(framing))),
      truth: name ?? (labels ? listNames(labels) || "no label" : String(value)),
    };
  };
  return mapParallel(
    nearDuplicates.filter((pair, i) => i < mostShown || torn.has(pair)),
    async (pair) => ({
      ...{
        mirrored: pair.mirrored,
        correlation: pair.correlation,
        labelledOtherwise: labelledOtherwise(pair),
      },
      sides: [await side(pair.sample, pair.split), await side(pair.original, "train")],
    }),
  );
}
