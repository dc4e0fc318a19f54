import type { Framing } from "../base/framing.ts";
import { random } from "../base/random.ts";
import { type Tensor, zeros } from "../base/tensor.ts";
import type { Dataset, Sample, SplitName } from "./dataset.ts";

/** Some pictures of one split. */
export interface Batch {
  /** Position in the epoch, from 0. */
  readonly index: number;
  /** Pictures as uint8 `[N, H, W, 3]`, or features of them as float32 `[N, F]`. */
  readonly inputs: Tensor;
  readonly samples: readonly Sample[];
}

export interface BatchOptions {
  /** Pictures in a batch; the last of an epoch may have fewer. */
  readonly batch: number;
  /** Leave a smaller last batch out; Keras keeps it, and so do we unless told. */
  readonly dropLast?: boolean;
  /** Order drawn anew for each epoch; the data's own order if left out. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number };
  /** The batch to begin with, when an epoch is resumed. */
  readonly start?: number;
}

/** Batches in an epoch over `pictures`. */
export function batchCount(
  pictures: number,
  { batch, dropLast = false }: Pick<BatchOptions, "batch" | "dropLast">,
): number {
  return dropLast ? Math.floor(pictures / batch) : Math.ceil(pictures / batch);
}

/**
 * One epoch over a split, its inputs made by `load`. The next batch is loaded while the caller works on the current one. What a batch
 * holds depends on the options alone, never on timing or on where the epoch was begun.
 */
export async function* batches(
  dataset: Dataset,
  split: SplitName,
  load: (samples: readonly Sample[]) => Promise<Tensor>,
  options: BatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { batch, shuffle, start = 0 } = options;
  const all = [...dataset.splits[split]];
  if (shuffle) random(shuffle.seed, "shuffle", shuffle.epoch).shuffle(all);
  const count = batchCount(all.length, options);
  const begin = async (index: number): Promise<Batch> => {
    const samples = all.slice(index * batch, (index + 1) * batch);
    return { index, inputs: await load(samples), samples };
  };

  let next = start < count ? begin(start) : undefined;
  for (let index = start + 1; next; index++) {
    const current = await next;
    next = index < count ? begin(index) : undefined;
    // A caller that stops here leaves the batch read ahead unclaimed; its failure is then nobody's concern.
    next?.catch(() => {});
    yield current;
  }
}

/** Pictures of a data set side by side, `[N, H, W, 3]`. */
export async function loadPictures(
  dataset: Dataset,
  samples: readonly Sample[],
  size: Framing,
): Promise<Tensor<"uint8">> {
  const images = zeros("uint8", [samples.length, size.height, size.width, 3]);
  const bytes = size.height * size.width * 3;
  await Promise.all(
    samples.map(async (sample, at) => images.data.set((await dataset.read(sample, size)).data, at * bytes)),
  );
  return images;
}
