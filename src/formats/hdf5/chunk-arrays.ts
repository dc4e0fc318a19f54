import type { Cursor } from "./cursor.ts";
import { Damage } from "./errors.ts";
import type { File } from "./file.ts";

/** An element of an array of chunks. */
export interface Element {
  readonly index: number;
  readonly content: Cursor;
}

const CHECKSUM = 4;

/** Bytes of the signature, version and client that each structure begins with. */
const PREFIX = 6;

/** A structure after its prefix. */
function open(file: File, address: number, signature: string, size: number): Cursor {
  const c = file.at(address, PREFIX + size);
  c.expect(signature);
  c.expect(0);
  c.skip(1);
  return c;
}

/** How the elements of a block are kept: one after the other, or in pages, each with a checksum. */
interface Paging {
  readonly elementSize: number;
  readonly pageLength: number;
}

const pageCount = ({ pageLength }: Paging, count: number): number =>
  count > pageLength ? Math.ceil(count / pageLength) : 0;

/** Bytes that are set apart to say which pages were written. */
const bitmapSize = (paging: Paging, count: number): number => Math.ceil(pageCount(paging, count) / 8);

/** A bit for each page that was written, of several blocks in a row. */
interface Written {
  readonly bitmap: Uint8Array;
  /** The block's first page. */
  readonly from: number;
}

const isSet = ({ bitmap, from }: Written, page: number): boolean =>
  (bitmap[(from + page) >> 3]! & (0x80 >> ((from + page) & 7))) !== 0;

/** The elements of a block. */
function* elementsAt(
  file: File,
  address: number,
  paging: Paging,
  first: number,
  count: number,
  written: Written,
): Generator<Element> {
  const { elementSize, pageLength } = paging;
  const pages = pageCount(paging, count);
  const pageSize = pageLength * elementSize + CHECKSUM;
  for (let page = 0; page < Math.max(pages, 1); page++) {
    if (pages && !isSet(written, page)) continue;
    const begin = page * pageLength;
    const length = pages ? Math.min(pageLength, count - begin) : count;
    // Behind the checksum of what comes before the pages.
    const from = address + (pages ? CHECKSUM + page * pageSize : 0);
    const c = file.at(from, length * elementSize);
    for (let i = 0; i < length; i++) yield { index: first + begin + i, content: c.part(elementSize) };
  }
}

/** The elements of a fixed array. */
export function* fixedArray(file: File, address: number): Generator<Element> {
  const { length, offset } = file.widths;
  const header = open(file, address, "FAHD", 2 + length + offset);
  const paging = { elementSize: header.uint(1), pageLength: 2 ** header.uint(1) };
  const [count, block] = [header.length(), header.address()];
  if (block === undefined) return;
  const bitmap = bitmapSize(paging, count);
  const c = open(file, block, "FADB", offset + bitmap);
  c.skip(offset);
  yield* elementsAt(file, block + PREFIX + offset + bitmap, paging, 0, count, {
    bitmap: c.bytes(bitmap),
    from: 0,
  });
}

/** How an extensible array grows. */
interface Growth extends Paging {
  /** Elements that were set, at most. */
  readonly count: number;
  /** Elements of the first data block. */
  readonly least: number;
  /** Bytes of a block's place in the array. */
  readonly placeWidth: number;
}

/** Data blocks in the super block of a number, and elements in each of them. */
const blocksIn = (block: number): number => 2 ** (block >> 1);
const lengthIn = ({ least }: Growth, block: number): number => least * 2 ** ((block + 1) >> 1);

/** The elements of an extensible array: some in its index block, then those of data blocks, then of super blocks of data blocks. */
export function* extensibleArray(file: File, address: number): Generator<Element> {
  const { length, offset } = file.widths;
  const header = open(file, address, "EAHD", 6 + 6 * length + offset);
  const [elementSize, bits, direct, least, pointers, pageBits] = Array.from({ length: 6 }, () =>
    header.uint(1),
  );
  header.skip(4 * length);
  const count = header.length();
  header.skip(length);
  const index = header.address();
  const growth: Growth = {
    elementSize: elementSize!,
    pageLength: 2 ** pageBits!,
    count,
    least: least!,
    placeWidth: Math.ceil(bits! / 8),
  };
  const supers = 1 + bits! - Math.log2(least!);
  const directSupers = 2 * Math.log2(pointers!);
  if (!Number.isInteger(supers) || !Number.isInteger(directSupers) || bits! > 64 || directSupers > supers)
    throw new Damage("an array that grows impossibly");
  if (index === undefined) return;
  const blocks = 2 * (pointers! - 1);
  const c = open(
    file,
    index,
    "EAIB",
    offset + direct! * elementSize! + (blocks + supers - directSupers) * offset,
  );
  c.skip(offset);
  for (let i = 0; i < direct!; i++) yield { index: i, content: c.part(elementSize!) };
  let first = direct!;
  for (let number = 0; number < supers && first < count; number++) {
    const size = blocksIn(number) * lengthIn(growth, number);
    if (number < directSupers) yield* dataBlocks(file, c, growth, number, first, new Uint8Array());
    else {
      const block = c.address();
      if (block !== undefined) yield* superBlock(file, block, growth, number, first);
    }
    first += size;
  }
}

function* superBlock(
  file: File,
  address: number,
  growth: Growth,
  number: number,
  first: number,
): Generator<Element> {
  const bitmaps = blocksIn(number) * bitmapSize(growth, lengthIn(growth, number));
  const before = file.widths.offset + growth.placeWidth;
  const c = open(file, address, "EASB", before + bitmaps + blocksIn(number) * file.widths.offset);
  c.skip(before);
  yield* dataBlocks(file, c, growth, number, first, c.bytes(bitmaps));
}

/** The elements in the data blocks whose addresses come next. */
function* dataBlocks(
  file: File,
  addresses: Cursor,
  growth: Growth,
  number: number,
  first: number,
  bitmap: Uint8Array,
): Generator<Element> {
  const length = lengthIn(growth, number);
  const before = file.widths.offset + growth.placeWidth;
  for (let block = 0; block < blocksIn(number); block++) {
    const address = addresses.address();
    if (address === undefined) continue;
    open(file, address, "EADB", before);
    const written = { bitmap, from: block * pageCount(growth, length) };
    yield* elementsAt(file, address + PREFIX + before, growth, first + block * length, length, written);
  }
}
