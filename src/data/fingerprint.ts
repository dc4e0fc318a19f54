import type { Picture } from "../base/picture.ts";
import { thumbnail } from "./thumbnail.ts";

/** Side of the thumbnail that a fingerprint is taken from. */
const side = 32;

/** Cosines `[frequency, place]` of the thumbnail's DCT-II, unscaled: only signs count. */
const cosines = Array.from({ length: 9 }, (_, frequency) =>
  Float64Array.from({ length: side }, (_, place) => Math.cos((Math.PI * frequency * (place + 0.5)) / side)),
);

/** `[down, across]`, the lowest first. */
const frequencies = cosines
  .flatMap((_, down) => cosines.map((_, across) => [down, across] as const))
  .sort((a, b) => Math.hypot(...a) - Math.hypot(...b));

/** The mean, which comes first, is left out. */
const chosen = [
  ...frequencies.filter(([, across]) => across % 2 === 0).slice(1, 33),
  ...frequencies.filter(([, across]) => across % 2 === 1).slice(0, 32),
];

/** What is left of an amplitude that is 0 but for rounding, as all of a blank picture's are. */
const rounding = 1e-6;

/**
 * A perceptual hash of a picture of any size, 8 bytes: the signs of its lowest frequencies. The first 4 bytes are of those that
 * are even across and stay when the picture is mirrored, the others of the odd ones, which turn over. Of 64 bits few
 * change when a picture is encoded again, resized, brightened or cut by a few percent.
 *
 * It is pHash (Zauner 2010, the DCT-based hash) with three departures: frequencies are taken by their length, as the lowest
 * change least under a cut; a bit says whether the amplitude is above 0, not the median, for the mirror's sake; and the
 * thumbnail's means stand for the mean filter.
 */
export function fingerprint(picture: Picture): Uint8Array {
  const grey = thumbnail(picture, side);
  const columns = cosines.map((cosine) => {
    const sums = new Float64Array(side);
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) sums[x] = sums[x]! + cosine[y]! * grey[y * side + x]!;
    return sums;
  });
  const bits = new Uint8Array(8);
  for (const [i, [down, across]] of chosen.entries()) {
    const sums = columns[down]!;
    const cosine = cosines[across]!;
    let amplitude = 0;
    for (let x = 0; x < side; x++) amplitude += sums[x]! * cosine[x]!;
    if (amplitude > rounding) bits[i >> 3]! |= 1 << (i & 7);
  }
  return bits;
}
