import { UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { random } from "../base/random.ts";
import type { Tensor } from "../base/tensor.ts";
import { type Dataset, type Sample, splitNames } from "../data/dataset.ts";

/** Which pictures are watched in training: so many of the validation pictures, or these, by their names. */
export type Watching = number | readonly string[];

/**
 * The pictures to watch. A number of them is drawn with the seed from the validation pictures, of each class as many as of any other, as far as there
 * are, and stands in class order. A name may also begin with the data's folder.
 * @throws UserError when there is no picture of that name, with the name nearest to it
 */
export function watchedSamples(dataset: Dataset, watching: Watching, seed: number): Sample[] {
  if (typeof watching === "number") return drawn(dataset.splits.validation, watching, seed);
  const samples = new Map(
    splitNames.flatMap((split) => dataset.splits[split].map((sample) => [sample.name, sample] as const)),
  );
  const folder = `${dataset.source.replace(/[/\\]+$/, "")}/`;
  return [...new Set(watching)].map((given) => {
    const sample = samples.get(given) ?? samples.get(given.replace(folder, ""));
    if (sample) return sample;
    const [nearest] = nearestFirst(given, [...samples.keys()]);
    throw new UserError(
      `There is no picture "${given}" in ${dataset.source} to watch; did you mean "${nearest}"?`,
    );
  });
}

function drawn(samples: readonly Sample[], count: number, seed: number): Sample[] {
  const source = random(seed, "watch");
  const seen = new Map<number, number>();
  // One of each class, then the second of each, and so on.
  const turns = source.shuffle([...samples]).map((sample) => {
    const turn = seen.get(watchedLabel(sample)) ?? 0;
    seen.set(watchedLabel(sample), turn + 1);
    return { sample, turn };
  });
  return turns
    .sort((a, b) => a.turn - b.turn)
    .slice(0, count)
    .map(({ sample }) => sample)
    .sort((a, b) => watchedLabel(a) - watchedLabel(b));
}

/** The class that a watched picture is explained for: its own, the first of its labels, or the value. */
export function watchedLabel({ label, values = [] }: Sample): number {
  return label >= 0 ? label : Math.max(0, values.indexOf(1));
}

/** What a network made of its run's watched pictures after an epoch. */
export interface WatchedEpoch {
  /** Epochs that had ended; 0 before the first step. */
  readonly epoch: number;
  /** How the maps came about: the method's title, and the layer. */
  readonly method: string;
  readonly layer: string;
  readonly pictures: readonly WatchedPicture[];
}

export interface WatchedPicture {
  /** As the data set has it. */
  readonly name: string;
  /** Index of the class that it was explained for. */
  readonly target: number;
  /** The map as the method's formula has it, signed, in units of the logit: `[h, w]`. */
  readonly raw: Tensor<"float32">;
  /** Of every class: `[K]`. */
  readonly logits: Tensor<"float32">;
  /** What the network makes of them: a probability of every class, or the value: `[K]`. */
  readonly outputs: Tensor<"float32">;
}
