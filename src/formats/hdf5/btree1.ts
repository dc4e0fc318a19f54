import type { Cursor } from "./cursor.ts";
import { Damage } from "./errors.ts";
import type { File } from "./file.ts";

/** What a B-tree of version 1 is for. */
export type Purpose = "links" | "chunks";
const types: readonly Purpose[] = ["links", "chunks"];

const HEADER = { fixed: 8, mostLevels: 32 };

/**
 * The entries of a B-tree of version 1, in order.
 * @param keySize bytes of a key
 * @returns keys, each with the address that it stands before
 */
export function* entriesOf1(
  file: File,
  address: number,
  purpose: Purpose,
  keySize: number,
  level?: number,
): Generator<{ readonly key: Cursor; readonly child: number }> {
  const header = HEADER.fixed + 2 * file.widths.offset;
  const c = file.at(address, header);
  c.expect("TREE");
  c.expect(types.indexOf(purpose));
  const [own, count] = [c.uint(1), c.uint(2)];
  if (own > HEADER.mostLevels || (level !== undefined && own !== level))
    throw new Damage("a tree whose levels do not follow each other");
  const entries = file.at(address + header, count * (keySize + file.widths.offset));
  for (let left = count; left > 0; left--) {
    const key = entries.part(keySize);
    const child = entries.address();
    if (child === undefined) throw new Damage("a tree with a branch to nowhere");
    if (own > 0) yield* entriesOf1(file, child, purpose, keySize, own - 1);
    else yield { key, child };
  }
}
