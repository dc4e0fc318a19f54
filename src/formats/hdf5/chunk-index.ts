import { sizeOf } from "../../base/tensor.ts";
import { entriesOf1 } from "./btree1.ts";
import type { Cursor } from "./cursor.ts";
import { Damage, Unsupported } from "./errors.ts";
import type { File } from "./file.ts";

/** Where one chunk lies. */
export interface Chunk {
  /** Its place in the grid. */
  readonly place: readonly number[];
  readonly address: number;
  /** Bytes that it takes after filtering; undefined where nothing was filtered. */
  readonly stored?: number;
  /** Bits of filters that were left out. */
  readonly mask: number;
}

/** How a dataset is cut into chunks, and where those are. */
export interface ChunkIndex {
  /** Shape of one chunk. */
  readonly chunk: readonly number[];
  /** Chunks along each axis. */
  readonly grid: readonly number[];
  /** Those that were written. */
  chunks(): Iterable<Chunk>;
}

/** What a layout message says of the chunks of a dataset. */
export function readChunkIndex(
  file: File,
  c: Cursor,
  version: number,
  shape: readonly number[],
  elementSize: number,
): ChunkIndex {
  if (version === 4) throw new Unsupported("chunks in an index of a newer kind");
  // The elements' size counts as an axis.
  const rank = c.uint(1) - 1;
  const address = c.address();
  const chunk = Array.from({ length: rank }, () => c.uint(4));
  if (rank !== shape.length || rank < 1 || chunk.includes(0) || c.uint(4) !== elementSize)
    throw new Damage("chunks that do not fit the dataset");
  const grid = shape.map((extent, axis) => Math.ceil(extent / chunk[axis]!));
  return {
    chunk,
    grid,
    chunks: () => (address === undefined || sizeOf(grid) === 0 ? [] : treeOfChunks(file, address, chunk)),
  };
}

/** Of the third version of the layout: a tree by the places of the chunks' first elements. */
function* treeOfChunks(file: File, address: number, chunk: readonly number[]): Generator<Chunk> {
  for (const { key, child } of entriesOf1(file, address, "chunks", 8 + 8 * (chunk.length + 1))) {
    const [stored, mask] = [key.uint(4), key.uint(4)];
    const place = chunk.map((extent) => key.uint(8) / extent);
    if (!place.every(Number.isInteger)) throw new Damage("a chunk in a place that is none");
    yield { place, address: child, stored, mask };
  }
}
