import { UserError } from "../base/errors.ts";
import type { Framing } from "../base/framing.ts";
import type { Picture } from "../base/picture.ts";
import { withoutBroken } from "./broken.ts";
import { type Dataset, type Sample, splitNames } from "./dataset.ts";
import { fingerprint } from "./fingerprint.ts";
import { mapParallel, type Progress } from "./parallel.ts";

/** What must agree for a kept picture to be the one that is asked for. */
const keys = ["width", "height", "crop", "filter"] as const;

export interface PreloadOptions {
  /** Most bytes of pictures to keep; those beyond are decoded anew each time. 7,900 pictures of 150×150 fit the default. */
  readonly limit?: number;
  readonly progress?: Progress;
}

/**
 * Decodes every picture once at the size it will be trained at, and keeps those of training and validation: a JPEG costs
 * far more to decode than a convnet's small step leaves room for, and what is broken is known, named and left out before
 * the first epoch, not in the middle of it.
 * @returns the same data without the broken pictures, their fingerprints, and its `read` answered from memory for this size
 * @throws UserError when a class has no picture left
 */
export async function preload(
  dataset: Dataset,
  size: Framing,
  { limit = 512 * 2 ** 20, progress }: PreloadOptions = {},
): Promise<Dataset> {
  const samples = splitNames.flatMap((split) => dataset.splits[split]);
  // The test pictures are needed once, when training is over and memory is for something else.
  const once = new Set(dataset.splits.test);
  const room = Math.floor(limit / (size.width * size.height * 3));
  const kept = new Map<Sample, Picture>();
  const broken = new Map<Sample, string>();
  const fingerprints = new Map<string, Uint8Array>();
  await mapParallel(
    [...samples.entries()],
    async ([index, sample]) => {
      try {
        const picture = await dataset.read(sample, size);
        fingerprints.set(sample.hash, fingerprint(picture));
        if (index < room && !once.has(sample)) kept.set(sample, picture);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        broken.set(sample, error.message);
      }
    },
    progress,
  );

  return {
    ...withoutBroken(dataset, (sample) => broken.get(sample)),
    fingerprints,
    read: async (sample, wanted) => {
      const fits = keys.every((key) => wanted[key] === size[key]);
      return (fits && kept.get(sample)) || dataset.read(sample, wanted);
    },
  };
}
