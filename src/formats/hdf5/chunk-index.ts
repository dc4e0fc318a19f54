import { sizeOf } from "../../base/tensor.ts";
import { entriesOf1 } from "./btree1.ts";
import { recordsOf2 } from "./btree2.ts";
import { type Element, extensibleArray, fixedArray } from "./chunk-arrays.ts";
import type { Cursor } from "./cursor.ts";
import { Damage, Unsupported } from "./errors.ts";
import type { File } from "./file.ts";
import type { Dataspace } from "./values.ts";

/** Where one chunk lies. */
export interface Chunk {
  /** Its place in the grid. */
  readonly place: readonly number[];
  readonly address: number;
  /** Bytes that it takes after filtering; undefined where nothing was filtered. */
  readonly stored?: number | undefined;
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

/** How a dataset is cut into chunks. */
interface Cut {
  readonly chunk: readonly number[];
  readonly grid: readonly number[];
  readonly space: Dataspace;
  readonly elementSize: number;
  /** Whether chunks go through filters, so that each has a size of its own. */
  readonly filtered: boolean;
}

/** What a layout message of version 3 or later says of the chunks of a dataset. */
export function readChunkIndex(
  file: File,
  c: Cursor,
  version: number,
  given: Pick<Cut, "space" | "elementSize" | "filtered">,
): ChunkIndex {
  const { shape } = given.space;
  const old = version === 3;
  const flags = old ? 0 : c.uint(1);
  // The elements' size counts as an axis.
  const axes = c.uint(1);
  const address = old ? c.address() : undefined;
  const width = old ? 4 : c.uint(1);
  const chunk = Array.from({ length: axes }, () => c.uint(width));
  const size = chunk.pop();
  if (chunk.length !== shape.length || chunk.length === 0 || chunk.includes(0) || size !== given.elementSize)
    throw new Damage("chunks that do not fit the dataset");
  const grid = shape.map((extent, axis) => Math.ceil(extent / chunk[axis]!));
  const cut = { ...given, chunk, grid };
  const chunks = old ? placesInTree(file, address, cut) : newerIndex(file, c, flags, cut);
  return { chunk, grid, chunks: () => (sizeOf(grid) === 0 ? [] : chunks()) };
}

type Chunks = () => Iterable<Chunk>;

/** A tree by the places of the chunks' first elements. */
const placesInTree = (file: File, address: number | undefined, { chunk }: Cut): Chunks =>
  function* () {
    if (address === undefined) return;
    for (const { key, child } of entriesOf1(file, address, "chunks", 8 + 8 * (chunk.length + 1))) {
      const [stored, mask] = [key.uint(4), key.uint(4)];
      yield { place: chunk.map((extent) => key.uint(8) / extent), address: child, stored, mask };
    }
  };

/** Which index there is follows from how the dataset may grow. */
const kinds = { single: 1, implicit: 2, fixed: 3, extensible: 4, tree: 5 };

/** Bytes of parameters in the layout message, which the index itself repeats. */
const parameters: Readonly<Record<number, number>> = {
  [kinds.fixed]: 1,
  [kinds.extensible]: 5,
  [kinds.tree]: 6,
};

const FILTERED_SINGLE = 2;

function newerIndex(file: File, c: Cursor, flags: number, cut: Cut): Chunks {
  const kind = c.uint(1);
  const own = flags & FILTERED_SINGLE ? { stored: c.length(), mask: c.uint(4) } : { mask: 0 };
  c.skip(parameters[kind] ?? 0);
  const address = c.address();
  if (address === undefined) return () => [];
  if (kind === kinds.single) return () => [{ place: cut.grid.map(() => 0), address, ...own }];
  if (kind === kinds.implicit) return () => consecutive(address, cut);
  if (kind === kinds.fixed) return () => listed(file, fixedArray(file, address), cut);
  if (kind === kinds.extensible) return () => listed(file, extensibleArray(file, address), cut);
  if (kind === kinds.tree) return () => recorded(file, address, cut);
  throw new Unsupported("chunks in an index of another kind");
}

/** Chunks one after the other, with room for all that there may be. */
function* consecutive(address: number, cut: Cut): Generator<Chunk> {
  const size = sizeOf(cut.chunk) * cut.elementSize;
  const counts = countsOf(cut);
  for (let number = 0; number < sizeOf(cut.grid); number++) {
    const place = placeOf(number, cut.grid);
    const index = place.reduce((sum, at, axis) => sum * counts[axis]! + at, 0);
    yield { place, address: address + index * size, mask: 0 };
  }
}

/** Chunks in an array by their number. */
function* listed(file: File, elements: Iterable<Element>, cut: Cut): Generator<Chunk> {
  const counts = countsOf(cut);
  for (const { index, content } of elements) {
    const entry = readEntry(file, content, 0, cut);
    if (entry) yield { place: placeOf(index, counts), ...entry };
  }
}

/** Chunks in a tree by their places. */
function* recorded(file: File, address: number, cut: Cut): Generator<Chunk> {
  for (const record of recordsOf2(file, address, cut.filtered ? 11 : 10)) {
    const entry = readEntry(file, record, 8 * cut.grid.length, cut);
    if (entry) yield { ...entry, place: cut.grid.map(() => record.uint(8)) };
  }
}

/** The address of a chunk and, of filtered ones, its size and mask; undefined if it was never written. */
function readEntry(file: File, c: Cursor, rest: number, { filtered }: Cut): Omit<Chunk, "place"> | undefined {
  const width = c.left() - rest - file.widths.offset - 4;
  const address = c.address();
  const stored = filtered ? { stored: c.uint(width), mask: c.uint(4) } : { mask: 0 };
  return address === undefined ? undefined : { address, ...stored };
}

/** Chunks along each axis when the dataset is as large as it may become. */
const countsOf = ({ chunk, space }: Cut): number[] =>
  chunk.map((extent, axis) => Math.ceil((space.most[axis] ?? Number.POSITIVE_INFINITY) / extent));

/** The place of a chunk by its number: row by row, but that an axis without an end comes before all others. */
function placeOf(number: number, counts: readonly number[]): number[] {
  const endless = counts.indexOf(Number.POSITIVE_INFINITY);
  const place = counts.map(() => 0);
  let left = number;
  for (let axis = counts.length - 1; axis >= 0; axis--)
    if (axis !== endless) {
      place[axis] = left % counts[axis]!;
      left = Math.floor(left / counts[axis]!);
    }
  if (endless >= 0) place[endless] = left;
  return place;
}
