import { inflateSync } from "fflate";
import { type ByteSource, memorySource, partOf } from "../base/byte-source.ts";
import { UserError } from "../base/errors.ts";

const END = { signature: 0x06054b50, length: 22, longestComment: 0xffff };
const END64 = { signature: 0x06064b50, length: 56 };
const LOCATOR64 = { signature: 0x07064b50, length: 20 };
const DIRECTORY = { signature: 0x02014b50, length: 46 };
const LOCAL = { signature: 0x04034b50, length: 30 };

/** Stands for a number that is too large for its field, and follows in another. */
const ELSEWHERE = 0xffffffff;
const EXTRA64 = 1;

/** Deflate makes nothing smaller by more than this. */
const GROWTH = 1032;

const methods = { stored: 0, deflated: 8 };

export const isZip = ({ size, read }: ByteSource): boolean =>
  size >= LOCAL.length && viewOf(read(0, 4)).getUint32(0, true) === LOCAL.signature;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * What opens each file of a zip archive, by its name, by PKWARE's APPNOTE 6.3. A file that was stored as it is becomes a part of the
 * archive, and is not read; one that was compressed is unpacked into memory.
 * @param source what to call the archive in errors
 * @throws UserError when it is cut short or damaged, also when a file is opened that is, is encrypted, or compressed otherwise than by deflate
 */
export function readZip(archive: ByteSource, source: string): Map<string, () => ByteSource> {
  const broken = (): UserError => new UserError(`${source} is not a whole zip file; copy or save it again.`);
  const end = endOf(archive);
  if (!end || !(end.begin + end.length <= archive.size)) throw broken();
  const view = viewOf(archive.read(end.begin, end.length));
  const files = new Map<string, () => ByteSource>();
  let at = 0;
  for (let left = end.count; left > 0; left--) {
    const entry = readEntry(view, at);
    if (!entry) throw broken();
    files.set(entry.name, () => openEntry(archive, entry, source, broken));
    at = entry.next;
  }
  return files;
}

/** Where the directory lies, as the archive's end says; in large archives an end of its own does. */
function endOf(archive: ByteSource): { begin: number; length: number; count: number } | undefined {
  const tail = Math.min(archive.size, END.length + END.longestComment);
  const view = viewOf(archive.read(archive.size - tail, tail));
  // From the back, since a comment may follow.
  let at = tail - END.length;
  while (at >= 0 && view.getUint32(at, true) !== END.signature) at--;
  if (at < 0) return undefined;
  const begin = archive.size - tail + at - LOCATOR64.length;
  const locator = begin >= 0 ? viewOf(archive.read(begin, LOCATOR64.length)) : undefined;
  if (locator?.getUint32(0, true) !== LOCATOR64.signature)
    return {
      begin: view.getUint32(at + 16, true),
      length: view.getUint32(at + 12, true),
      count: view.getUint16(at + 10, true),
    };
  const place = Number(locator.getBigUint64(8, true));
  if (!(place + END64.length <= archive.size)) return undefined;
  const end = viewOf(archive.read(place, END64.length));
  if (end.getUint32(0, true) !== END64.signature) return undefined;
  const number = (field: number): number => Number(end.getBigUint64(field, true));
  return { begin: number(48), length: number(40), count: number(32) };
}

interface Entry {
  readonly name: string;
  readonly encrypted: boolean;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  /** Where the file begins in the archive. */
  readonly local: number;
  /** Where the next entry begins in the directory. */
  readonly next: number;
}

function readEntry(view: DataView, at: number): Entry | undefined {
  const names = at + DIRECTORY.length;
  if (names > view.byteLength || view.getUint32(at, true) !== DIRECTORY.signature) return undefined;
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
    view.getUint16(at + field, true),
  );
  const extra = names + nameLength!;
  const next = extra + extraLength! + commentLength!;
  if (next > view.byteLength) return undefined;
  const [packed, size, local] = wide(
    [20, 24, 42].map((field) => view.getUint32(at + field, true)),
    new DataView(view.buffer, view.byteOffset + extra, extraLength!),
  );
  return {
    name: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + names, nameLength!)),
    encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
    method: view.getUint16(at + 10, true),
    packed: packed!,
    size: size!,
    local: local!,
    next,
  };
}

/** Compressed size, size and place, of which those too large for the directory lie beyond it, size first. */
function wide([packed, size, local]: readonly number[], extra: DataView): number[] {
  const numbers: number[] = [];
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, length] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    const end = Math.min(at + 4 + length, extra.byteLength);
    if (id === EXTRA64)
      for (let field = at + 4; field + 8 <= end; field += 8)
        numbers.push(Number(extra.getBigUint64(field, true)));
    at += 4 + length;
  }
  const [fullSize, fullPacked, fullLocal] = [size, packed, local].map((value) =>
    value === ELSEWHERE ? (numbers.shift() ?? ELSEWHERE) : value!,
  );
  return [fullPacked!, fullSize!, fullLocal!];
}

function openEntry(archive: ByteSource, entry: Entry, source: string, broken: () => UserError): ByteSource {
  const { name, encrypted, method, packed, size, local } = entry;
  if (encrypted || (method !== methods.stored && method !== methods.deflated))
    throw new UserError(
      `${source} holds ${name} ${encrypted ? "encrypted" : `compressed by method ${method}`}; save it again without.`,
    );
  if (!(local + LOCAL.length <= archive.size)) throw broken();
  const head = viewOf(archive.read(local, LOCAL.length));
  if (head.getUint32(0, true) !== LOCAL.signature) throw broken();
  const begin = local + LOCAL.length + head.getUint16(26, true) + head.getUint16(28, true);
  if (!(begin + packed <= archive.size)) throw broken();
  if (method === methods.deflated) return memorySource(inflated(archive.read(begin, packed), size, broken));
  if (size !== packed) throw broken();
  return partOf(archive, begin, size);
}

function inflated(bytes: Uint8Array, size: number, broken: () => UserError): Uint8Array {
  if (!(size <= GROWTH * bytes.length)) throw broken();
  // One byte more than there should be tells what is longer.
  const out = unpacked(bytes, new Uint8Array(size + 1));
  if (out?.length !== size) throw broken();
  return out;
}

function unpacked(bytes: Uint8Array, out: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { out });
  } catch {
    return undefined;
  }
}
