import { widthOf } from "./btree2.ts";
import { type Cursor, cursor } from "./cursor.ts";
import { Damage, Unsupported } from "./errors.ts";
import type { File } from "./file.ts";

/** Sizes of a heap's blocks: rows of `width` of them, the first two of `start` bytes, each next row of twice as many. */
interface Blocks {
  readonly width: number;
  readonly start: number;
  /** Rows whose blocks hold objects; blocks of further rows hold blocks. */
  readonly directRows: number;
  /** Bytes that a place in the heap takes. */
  readonly placeWidth: number;
}

/** What finds an object of the fractal heap at `address` by its ID. */
export function fractalHeap(file: File, address: number): (id: Cursor) => Cursor {
  const { offset, length } = file.widths;
  const c = file.at(address, 22 + 12 * length + 3 * offset);
  c.expect("FRHP");
  c.expect(0);
  c.skip(2);
  if (c.uint(2) > 0) throw new Unsupported("a compressed heap");
  c.skip(1);
  const largest = c.uint(4);
  c.skip(10 * length + 2 * offset);
  const [width, start, largestBlock] = [c.uint(2), c.length(), c.length()];
  const bits = c.uint(2);
  c.skip(2);
  const [root, rows] = [c.address(), c.uint(2)];
  const directRows = Math.log2(largestBlock) - Math.log2(start) + 2;
  if (width === 0 || !Number.isInteger(directRows) || directRows < 1 || bits > 64 || rows > 64)
    throw new Damage("a heap of impossible blocks");
  const blocks: Blocks = { width, start, directRows, placeWidth: Math.ceil(bits / 8) };
  const sizeWidth = Math.min(Math.ceil(Math.log2(largestBlock) / 8), widthOf(largest));
  return (id) => {
    const [first] = id.bytes(1);
    const kind = (first! >> 4) & 3;
    // In the ID itself.
    if (kind === 2) return cursor(id.bytes((first! & 15) + 1), file.widths);
    if (kind !== 0) throw new Unsupported("something too large for its heap");
    const [place, size] = [id.uint(blocks.placeWidth), id.uint(sizeWidth)];
    return file.at(root === undefined ? nowhere() : locate(file, blocks, root, rows, place), size);
  };
}

function nowhere(): never {
  throw new Damage("a heap that lacks one of its objects");
}

/** The address of a place in the heap, counted from the begin of the block at `address`, which has so many rows or is direct. */
function locate(file: File, blocks: Blocks, address: number, rows: number, place: number): number {
  if (rows === 0) return address + place;
  const { width, start, directRows, placeWidth } = blocks;
  const { offset } = file.widths;
  let begin = 0;
  for (let row = 0; row < rows; row++) {
    const size = start * 2 ** Math.max(row - 1, 0);
    if (place < begin + width * size) {
      const column = Math.floor((place - begin) / size);
      const entry = address + 5 + offset + placeWidth + (row * width + column) * offset;
      const child = file.at(entry, offset).address() ?? nowhere();
      const within = row < directRows ? 0 : Math.log2(size / (start * width)) + 1;
      if (!Number.isInteger(within) || within >= rows) throw new Damage("a heap of impossible blocks");
      return locate(file, blocks, child, within, place - begin - column * size);
    }
    begin += width * size;
  }
  return nowhere();
}
