import { expect } from "vitest";
import { UserError } from "../src/base/errors.ts";
import { type Random, random } from "../src/base/random.ts";

/** Damaged files that a test tries; more by hand, `CONVSCOPE_FUZZ=100000 npx vitest run fuzz`. */
const count: number = Number(process.env.CONVSCOPE_FUZZ ?? 3000);

/** Milliseconds that a test of so many may take. */
export const patience: number = 30_000 + 5 * count;

/** Numbers at the ends of their ranges, as text, little-endian and as varints. */
const extremes: readonly (readonly number[])[] = [
  ...["-1", "0", "1e999", "NaN", "99999999999999999999", '"', "]", "{", ")"].map((text) => [
    ...new TextEncoder().encode(text),
  ]),
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0x80],
  new Array<number>(8).fill(0xff),
  [0, 0, 0, 0, 0, 0, 0, 0x80],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  new Array<number>(12).fill(0x80),
];

type Mutation = (bytes: number[], r: Random) => void;

const part = (bytes: readonly number[], r: Random): number[] => {
  const from = r.below(bytes.length);
  return bytes.slice(from, from + 1 + r.below(Math.min(64, bytes.length - from)));
};

const damage: readonly Mutation[] = [
  function flipBits(bytes, r) {
    for (let flips = 1 + r.below(4); flips > 0; flips--) bytes[r.below(bytes.length)]! ^= 1 << r.below(8);
  },
  function setByte(bytes, r) {
    bytes[r.below(bytes.length)] = r.pick([0, 1, 0x7f, 0x80, 0xff]);
  },
  function nudgeByte(bytes, r) {
    const at = r.below(bytes.length);
    bytes[at] = (bytes[at]! + r.pick([1, 255])) & 255;
  },
  function cut(bytes, r) {
    bytes.length = r.below(bytes.length);
  },
  function remove(bytes, r) {
    bytes.splice(r.below(bytes.length), 1 + r.below(16));
  },
  function insert(bytes, r) {
    bytes.splice(r.below(bytes.length), 0, ...Array.from({ length: 1 + r.below(16) }, () => r.below(256)));
  },
  function repeat(bytes, r) {
    bytes.splice(r.below(bytes.length), 0, ...part(bytes, r));
  },
  function overwrite(bytes, r) {
    const copy = part(bytes, r);
    bytes.splice(r.below(bytes.length), copy.length, ...copy);
  },
  function insertExtreme(bytes, r) {
    bytes.splice(r.below(bytes.length), r.below(3), ...r.pick(extremes));
  },
  function overwriteExtreme(bytes, r) {
    const extreme = r.pick(extremes);
    bytes.splice(r.below(bytes.length), extreme.length, ...extreme);
  },
];

/** Copies of a file with one to three damages each, without end. The same seed gives the same. */
function* mutations(seed: number, bytes: Uint8Array): Generator<Uint8Array, never> {
  for (let round = 0; ; round++) {
    const r = random(seed, "mutation", round);
    const copy = Array.from(bytes);
    for (let left = 1 + r.below(3); left > 0 && copy.length > 0; left--) r.pick(damage)(copy, r);
    yield new Uint8Array(copy);
  }
}

/**
 * Holds a reader to its promise on damaged copies of `files`: it reads them, or throws a UserError that names the file, and it
 * takes neither a second nor much memory for any of them.
 */
export function expectSturdy(
  files: readonly Uint8Array[],
  source: string,
  read: (bytes: Uint8Array) => void,
): void {
  const memory = process.memoryUsage.rss();
  let [longest, refused] = [0, 0];
  files.forEach((file, index) => {
    const copies = mutations(index, file);
    for (let left = Math.ceil(count / files.length); left > 0; left--) {
      const bytes = copies.next().value;
      const begin = performance.now();
      try {
        read(bytes);
      } catch (error) {
        const say = `file ${index}, ${left} before the end: ${error instanceof Error ? error.stack : error}`;
        if (!(error instanceof UserError)) expect.fail(say);
        if (!error.message.startsWith(source)) expect.fail(say);
        refused++;
      }
      longest = Math.max(longest, performance.now() - begin);
    }
  });
  expect(longest, "milliseconds for one file").toBeLessThan(1000);
  expect((process.memoryUsage.rss() - memory) / 2 ** 20, "MB more than before").toBeLessThan(512);
  // Else the damage would not be one, or the reader would not read.
  expect(refused).toBeGreaterThan(count / 20);
  expect(refused).toBeLessThan(count);
}
