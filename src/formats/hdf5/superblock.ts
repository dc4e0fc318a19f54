import type { ByteSource } from "../../base/byte-source.ts";
import { cursor } from "./cursor.ts";
import { Damage } from "./errors.ts";
import { type File, fileOf } from "./file.ts";

export const SIGNATURE: readonly number[] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes after the signature that hold any superblock. */
const LONGEST = 96;

/** Where the superblock begins: at 0, 512, 1024 and so on, behind what other programs put first; undefined where there is none. */
export function superblockAt({ size, read }: ByteSource): number | undefined {
  for (let at = 0; at + SIGNATURE.length <= size; at = at ? 2 * at : 512) {
    const begin = read(at, SIGNATURE.length);
    if (SIGNATURE.every((byte, index) => begin[index] === byte)) return at;
  }
  return undefined;
}

/**
 * Versions 0 to 3.
 * @returns the file, and where the header of its root group is
 * @throws Damage
 */
export function readSuperblock(
  source: ByteSource,
  name: string,
  begin: number,
): { readonly file: File; readonly root: number } {
  const from = begin + SIGNATURE.length;
  const bytes = source.read(from, Math.min(LONGEST, source.size - from));
  const version = bytes[0] ?? 0;
  if (version > 3) throw new Damage(`a superblock of version ${version}`);
  const head = cursor(bytes, { offset: 0, length: 0 });
  head.skip(version < 2 ? 5 : 1);
  const widths = { offset: head.uint(1), length: head.uint(1) };
  for (const width of Object.values(widths))
    if (![2, 4, 8].includes(width)) throw new Damage(`numbers of ${width} bytes`);
  const c = cursor(bytes, widths);
  c.skip(version < 2 ? [16, 20][version]! : 4);
  const base = c.address();
  c.address();
  const end = c.address();
  // With the driver of old files, and the name of the root group's entry, which has none.
  if (version < 2) c.skip(2 * widths.offset);
  const root = c.address();
  if (base === undefined || end === undefined || root === undefined) throw new Damage("no root group");
  // Files whose begin was cut off or put before say another base, and are read from where they begin.
  if (begin + end - base > source.size)
    throw new Damage(`it has ${source.size} bytes of ${begin + end - base}`);
  return { file: fileOf(source, name, widths, begin), root };
}
