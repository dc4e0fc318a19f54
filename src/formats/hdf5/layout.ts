import { sizeOf } from "../../base/tensor.ts";
import { readChunkIndex } from "./chunk-index.ts";
import { chunkedBytes } from "./chunks.ts";
import type { Datatype } from "./datatype.ts";
import { Damage, Unsupported } from "./errors.ts";
import type { File } from "./file.ts";
import { readFilters } from "./filters.ts";
import { kinds, type Messages } from "./messages.ts";
import type { Dataspace } from "./values.ts";

/** What an array that was compressed can be larger than its file, at most: deflate's limit; and what any may be. */
const GROWTH = 1032;
const FLOOR = 2 ** 20;

/** Numbers of layouts. */
const layouts = { compact: 0, contiguous: 1, chunked: 2 };

/**
 * What reads the bytes of a dataset, row by row, as they are in the file.
 * @throws Damage when it says that it is larger than it can be
 */
export function readLayout(
  file: File,
  messages: Messages,
  type: Datatype,
  space: Dataspace,
): () => Uint8Array {
  const { shape } = space;
  const size = sizeOf(shape) * type.size;
  const c = messages.first(kinds.layout);
  if (!c) throw new Damage("a dataset that lies nowhere");
  const version = c.uint(1);
  // The fifth only has wider sizes of chunks, as the indexes say themselves.
  if (version < 3 || version > 5) throw new Unsupported(`a dataset in the layout of version ${version}`);
  if (messages.has(kinds.externalFiles)) throw new Unsupported("a dataset in other files");
  const checkSize = (bytes: number): void => {
    if (!(bytes <= FLOOR + GROWTH * file.size))
      throw new Damage(`${bytes} bytes of numbers in a file of ${file.size}`);
  };
  checkSize(size);
  const kind = c.uint(1);
  if (kind === layouts.compact) {
    const bytes = c.bytes(c.uint(2));
    if (bytes.length < size) throw new Damage("a dataset shorter than its shape");
    return () => bytes.subarray(0, size);
  }
  const empty = (): Uint8Array => filled(size, fillValue(messages, type.size));
  if (kind === layouts.contiguous) {
    const [address, length] = [c.address(), c.length()];
    if (address === undefined) return empty;
    if (length < size) throw new Damage("a dataset shorter than its shape");
    return () => file.read(address, size);
  }
  if (kind !== layouts.chunked) throw new Unsupported("a dataset made of others");
  const filtered = messages.has(kinds.filters);
  const index = readChunkIndex(file, c, version, { space, elementSize: type.size, filtered });
  checkSize(index.grid.reduce((product, count) => product * count, sizeOf(index.chunk) * type.size));
  const unfiltered = readFilters(messages.first(kinds.filters));
  return () => chunkedBytes(file, index, shape, type.size, unfiltered, empty());
}

/** Elements that were never written. */
function filled(size: number, value: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(size);
  if (value?.some((byte) => byte !== 0)) for (let at = 0; at < size; at += value.length) bytes.set(value, at);
  return bytes;
}

/** The element that stands for those that were never written; undefined for zero. */
function fillValue(messages: Messages, size: number): Uint8Array | undefined {
  const c = messages.first(kinds.fillValue);
  if (!c) return undefined;
  const version = c.uint(1);
  if (version === 3) {
    if (!(c.uint(1) & 0x20)) return undefined;
  } else {
    c.skip(2);
    if (c.uint(1) === 0 && version === 2) return undefined;
  }
  const value = c.bytes(c.uint(4));
  return value.length === size ? value : undefined;
}
