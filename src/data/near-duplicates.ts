import { listNames, UserError } from "../base/errors.ts";
import type { Framing } from "../base/framing.ts";
import type { Dataset, NearDuplicate, Sample } from "./dataset.ts";
import { fingerprint } from "./fingerprint.ts";
import { mapParallel, type Progress } from "./parallel.ts";
import { count } from "./splits.ts";
import { thumbnail } from "./thumbnail.ts";

/** Of 64 bits those that may differ for two pictures to be looked at. */
const mostBits = 12;

/** Side of the thumbnails that are then compared. */
const side = 16;

/**
 * Of photos of cats and dogs no two come above 0.81 in 8 million pairs, of the built-in pictures, which are alike by nature, none to this in
 * 4 million; of copies that lost 2% on every side 98% do.
 */
const leastCorrelation = 0.94;

/** Pairs that a remark names. */
const mostNamed = 3;

/**
 * Pictures of validation and test that are nearly the same as one of train, which the network has learnt by heart: encoded again,
 * resized, mirrored, brightened, cut by 2 or 3%, or the next of a series. Fingerprints say which to compare, and
 * thumbnails decide. What cannot be read is passed over. Copies of a file are not looked for: those are taken out when a folder is opened.
 * @param framing how the network sees them
 * @param progress told of the pictures whose fingerprints are not known yet
 * @returns each such picture with the likest of train, the most alike first
 */
export async function findNearDuplicates(
  dataset: Dataset,
  framing: Framing,
  progress?: Progress,
): Promise<NearDuplicate[]> {
  const { train } = dataset.splits;
  const held = (["validation", "test"] as const).flatMap((split) =>
    dataset.splits[split].map((sample) => ({ split, sample })),
  );
  if (train.length === 0 || held.length === 0) return [];
  const prints = await fingerprints(
    dataset,
    [...train, ...held.map(({ sample }) => sample)],
    framing,
    progress,
  );
  const originals = train.filter(({ hash }) => prints.has(hash));
  const words = wordsOf(originals.map(({ hash }) => prints.get(hash)!));

  const thumbnails = new Map<Sample, Promise<Float64Array>>();
  const thumbnailOf = (sample: Sample): Promise<Float64Array> => {
    const made =
      thumbnails.get(sample) ??
      dataset.read(sample, framing).then((picture) => normalized(thumbnail(picture, side)));
    thumbnails.set(sample, made);
    return made;
  };
  const likest = await mapParallel(held, async ({ split, sample }) => {
    const print = prints.get(sample.hash);
    let best: NearDuplicate | undefined;
    for (const { index, mirrored } of print ? candidates(print, words) : []) {
      const original = originals[index]!;
      const correlation = product(await thumbnailOf(sample), await thumbnailOf(original), mirrored);
      if (correlation >= leastCorrelation && correlation > (best?.correlation ?? 0))
        best = { split, sample, original, mirrored, correlation };
    }
    return best;
  });
  return likest.flatMap((pair) => pair ?? []).sort((a, b) => b.correlation - a.correlation);
}

/** Those that the data set brings, and the others made from its pictures, by content. */
async function fingerprints(
  dataset: Dataset,
  samples: readonly Sample[],
  framing: Framing,
  progress: Progress | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const prints = new Map(dataset.fingerprints);
  await mapParallel(
    samples.filter(({ hash }) => !prints.has(hash)),
    async (sample) => {
      try {
        prints.set(sample.hash, fingerprint(await dataset.read(sample, framing)));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    },
    progress,
  );
  return prints;
}

/** Fingerprints as 32-bit words: the bits that a mirror leaves, then those that it turns over. */
const wordsOf = (prints: readonly Uint8Array[]): Uint32Array =>
  new Uint32Array(Uint8Array.from(prints.flatMap((print) => [...print])).buffer);

/** Places of the fingerprints among `words` that are near to the picture's own, or to that of its mirror image. */
function candidates(print: Uint8Array, words: Uint32Array): { index: number; mirrored: boolean }[] {
  const own = wordsOf([print]);
  const found: { index: number; mirrored: boolean }[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const kept = ones(own[0]! ^ words[at]!);
    if (kept > mostBits) continue;
    const turned = ones(own[1]! ^ words[at + 1]!);
    if (kept + Math.min(turned, 32 - turned) <= mostBits)
      found.push({ index: at / 2, mirrored: turned > 16 });
  }
  return found;
}

/** How many bits of 32 are set. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** With a mean of 0 and a length of 1; a blank one stays all 0, and so is like nothing. */
function normalized(levels: Float64Array): Float64Array {
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const centred = levels.map((level) => level - mean);
  const length = Math.hypot(...centred) || 1;
  return centred.map((level) => level / length);
}

function product(a: Float64Array, b: Float64Array, mirrored: boolean): number {
  const place = (i: number): number => (mirrored ? i + side - 1 - 2 * (i % side) : i);
  return a.reduce((sum, level, i) => sum + level * b[place(i)]!, 0);
}

/** The data with what `findNearDuplicates` finds, and remarks on it. */
export async function withNearDuplicates(
  dataset: Dataset,
  framing: Framing,
  progress?: Progress,
): Promise<Dataset> {
  const nearDuplicates = await findNearDuplicates(dataset, framing, progress);
  const remarks = [...dataset.remarks, ...nearDuplicateRemarks(nearDuplicates)];
  return { ...dataset, nearDuplicates, remarks };
}

/** One sentence for each part of the data that has some, and one where labels differ. */
function nearDuplicateRemarks(pairs: readonly NearDuplicate[]): string[] {
  return (["validation", "test"] as const).flatMap((wanted) => {
    const found = pairs.filter(({ split }) => split === wanted);
    const torn = found.filter(labelledOtherwise);
    return [
      ...remark(found, `of ${wanted} nearly the same as one of train, so scores may flatter`),
      ...remark(torn, `of ${wanted} labelled otherwise than the one of train that is nearly the same`),
    ];
  });
}

function remark(pairs: readonly NearDuplicate[], what: string): string[] {
  if (pairs.length === 0) return [];
  const names = pairs.map(
    ({ sample, original, mirrored }) => `${sample.name} ~ ${original.name}${mirrored ? " mirrored" : ""}`,
  );
  return [`${count(pairs.length, "picture")} ${what}: ${listNames(names, mostNamed)}`];
}

/** Whether the two have different labels, one of which is likely wrong. */
export function labelledOtherwise({ sample, original }: NearDuplicate): boolean {
  return (
    sample.label !== original.label ||
    (sample.values ?? []).some((value, i) => value !== original.values?.[i])
  );
}
