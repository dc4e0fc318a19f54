import { unzlibSync } from "fflate";
import type { Cursor } from "./cursor.ts";
import { Damage, Unsupported } from "./errors.ts";

/** Undoes one step of what was done to a chunk before it was written; `size` is the most that may come out. */
type Filter = (bytes: Uint8Array, size: number) => Uint8Array;

/** By their registered numbers; `values` are the parameters that the file gives. */
const filters: Readonly<Record<number, (values: readonly number[]) => Filter>> = {
  1: () => inflate,
  2: ([size]) => unshuffle(size ?? 1),
  3: () => checked,
};

/** Bytes that the checksum of a chunk takes. */
const CHECKSUM = 4;

/**
 * What undoes the filters of a dataset's chunks.
 * @returns from a chunk's bytes, the mask of filters that were left out, and its size to the bytes of its elements
 */
export function readFilters(
  c: Cursor | undefined,
): (bytes: Uint8Array, mask: number, size: number) => Uint8Array {
  const pipeline = c ? readPipeline(c) : [];
  return (bytes, mask, size) => {
    let out = bytes;
    for (let i = pipeline.length - 1; i >= 0; i--)
      if (!(mask & (1 << i))) out = pipeline[i]!(out, size + CHECKSUM);
    if (out.length !== size) throw new Damage(`a chunk of ${out.length} bytes, not ${size}`);
    return out;
  };
}

function readPipeline(c: Cursor): Filter[] {
  const version = c.uint(1);
  if (version !== 1 && version !== 2) throw new Damage(`filters of version ${version}`);
  const count = c.uint(1);
  if (version === 1) c.skip(6);
  return Array.from({ length: count }, () => {
    const id = c.uint(2);
    const nameSize = version === 1 || id >= 256 ? c.uint(2) : 0;
    c.skip(2);
    const values = c.uint(2);
    c.skip(nameSize);
    if (version === 1) c.align();
    const parameters = Array.from({ length: values }, () => c.uint(4));
    if (version === 1) c.align();
    const filter = filters[id];
    if (!filter) throw new Unsupported(`numbers compressed by the filter ${id}`);
    return filter(parameters);
  });
}

const inflate: Filter = (bytes, size) => {
  try {
    // One byte more than there may be tells what is longer.
    return unzlibSync(bytes, { out: new Uint8Array(size + 1) });
  } catch {
    throw new Damage("a chunk that does not unpack");
  }
};

/** First bytes of all elements lie together, then all second ones, and so on. */
const unshuffle =
  (width: number): Filter =>
  (bytes) => {
    if (width < 2) return bytes;
    const count = Math.floor(bytes.length / width);
    const out = new Uint8Array(bytes);
    for (let i = 0; i < count; i++)
      for (let part = 0; part < width; part++) out[i * width + part] = bytes[part * count + i]!;
    return out;
  };

/** Takes the checksum off the end, little-endian. */
const checked: Filter = (bytes) => {
  const end = bytes.length - CHECKSUM;
  if (end < 0) throw new Damage("a chunk shorter than its checksum");
  const found = bytes.subarray(end).reduceRight((sum, byte) => sum * 256 + byte, 0);
  const content = bytes.subarray(0, end);
  if (found !== fletcher32(content)) throw new Damage("a chunk that does not fit its checksum");
  return content;
};

/** Fletcher's checksum over big-endian words of 16 bits, the last one filled up with zeros. */
function fletcher32(bytes: Uint8Array): number {
  // A sum that is not 0 never becomes 0, as with the carry added at the other end.
  const folded = (sum: number): number => (sum > 65535 ? sum - 65535 : sum);
  let [low, high] = [0, 0];
  for (let at = 0; at < bytes.length; at += 2) {
    low = folded(low + bytes[at]! * 256 + (bytes[at + 1] ?? 0));
    high = folded(high + low);
  }
  return high * 65536 + low;
}
