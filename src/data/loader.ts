import type { Framing } from "../base/framing.ts";
import { random } from "../base/random.ts";
import { type Tensor, zeros } from "../base/tensor.ts";
import type { Dataset, Sample, SplitName } from "./dataset.ts";

/** Some pictures of one split. */
export interface Batch {
  /** Position in the epoch, from 0. */
  readonly index: number;
  /** `[N, H, W, 3]`. */
  readonly images: Tensor<"uint8">;
  /** One index into the classes for each picture. */
  readonly labels: Int32Array;
  readonly samples: readonly Sample[];
}

export interface BatchOptions {
  readonly size: Framing;
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
 * One epoch over a split. The next batch is read while the caller works on the current one. What a batch holds depends
 * on the options alone, never on timing or on where the epoch was begun.
 */
export async function* batches(
  dataset: Dataset,
  split: SplitName,
  options: BatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { size, batch, shuffle, start = 0 } = options;
  const samples = [...dataset.splits[split]];
  if (shuffle) random(shuffle.seed, "shuffle", shuffle.epoch).shuffle(samples);
  const count = batchCount(samples.length, options);
  const load = (index: number): Promise<Batch> | undefined =>
    index < count
      ? loadBatch(dataset, index, samples.slice(index * batch, (index + 1) * batch), size)
      : undefined;

  let next = load(start);
  for (let index = start + 1; next; index++) {
    const current = await next;
    next = load(index);
    // A caller that stops here leaves the batch read ahead unclaimed; its failure is then nobody's concern.
    next?.catch(() => {});
    yield current;
  }
}

async function loadBatch(
  dataset: Dataset,
  index: number,
  samples: readonly Sample[],
  size: Framing,
): Promise<Batch> {
  const images = zeros("uint8", [samples.length, size.height, size.width, 3]);
  const bytes = size.height * size.width * 3;
  await Promise.all(
    samples.map(async (sample, at) => images.data.set((await dataset.read(sample, size)).data, at * bytes)),
  );
  return { index, images, labels: Int32Array.from(samples, ({ label }) => label), samples };
}
