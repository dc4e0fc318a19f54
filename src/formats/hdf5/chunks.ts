import { sizeOf } from "../../base/tensor.ts";
import type { ChunkIndex } from "./chunk-index.ts";
import { Damage } from "./errors.ts";
import type { File } from "./file.ts";
import type { readFilters } from "./filters.ts";

/**
 * The bytes of a dataset that is stored in chunks, row by row.
 * @param empty the same as if none had been written; filled and returned
 */
export function chunkedBytes(
  file: File,
  { chunk, grid, chunks }: ChunkIndex,
  shape: readonly number[],
  elementSize: number,
  unfiltered: ReturnType<typeof readFilters>,
  empty: Uint8Array,
): Uint8Array {
  const size = sizeOf(chunk) * elementSize;
  const seen = new Set<number>();
  for (const { place, address, stored, mask } of chunks()) {
    // Room for a dataset that may grow.
    if (place.some((at, axis) => at >= grid[axis]!)) continue;
    const number = place.reduce((sum, at, axis) => sum * grid[axis]! + at, 0);
    if (!place.every(Number.isInteger) || seen.has(number))
      throw new Damage("a chunk in a place that is none");
    seen.add(number);
    const bytes = unfiltered(file.read(address, stored ?? size), mask, size);
    const begin = place.map((at, axis) => at * chunk[axis]!);
    copyChunk(bytes, chunk, begin, empty, shape, elementSize);
  }
  return empty;
}

/** Copies what of a chunk lies within the array, one run along the last axis after the other. */
function copyChunk(
  from: Uint8Array,
  chunk: readonly number[],
  begin: readonly number[],
  to: Uint8Array,
  shape: readonly number[],
  elementSize: number,
): void {
  const copy = (axis: number, source: number, target: number): void => {
    const extent = Math.min(chunk[axis]!, shape[axis]! - begin[axis]!);
    if (axis === shape.length - 1) {
      const at = source * chunk[axis]! * elementSize;
      to.set(
        from.subarray(at, at + extent * elementSize),
        (target * shape[axis]! + begin[axis]!) * elementSize,
      );
    } else
      for (let i = 0; i < extent; i++)
        copy(axis + 1, source * chunk[axis]! + i, target * shape[axis]! + begin[axis]! + i);
  };
  copy(0, 0, 0);
}
