import type { Cursor } from "./cursor.ts";
import { Damage } from "./errors.ts";
import type { File } from "./file.ts";

/** Signature, version, type and checksum of a node. */
const OVERHEAD = 10;
const CHECKSUM = 4;

/** Bytes that numbers up to `most` take. */
export const widthOf = (most: number): number => Math.floor(Math.log2(Math.max(most, 1)) / 8) + 1;

/** What the nodes of one level hold. */
interface Level {
  /** Bytes of a pointer to a node of the level below. */
  readonly pointer: number;
  /** Records in a node at most, and in all that hangs from it. */
  readonly most: number;
  readonly total: number;
}

/**
 * The records of a B-tree of version 2, in order.
 * @param type what its records are, by their number in the specification
 */
export function* recordsOf2(file: File, address: number, type: number): Generator<Cursor> {
  const c = file.at(address, 16 + file.widths.offset + 2 + file.widths.length);
  c.expect("BTHD");
  c.expect(0);
  c.expect(type);
  const [nodeSize, recordSize, depth] = [c.uint(4), c.uint(2), c.uint(2)];
  c.skip(2);
  const [root, count] = [c.address(), c.uint(2)];
  if (root === undefined || count === 0) return;
  if (recordSize === 0 || nodeSize > file.size) throw new Damage("a tree of impossible nodes");
  const levels = levelsOf(file, nodeSize, recordSize, depth);
  yield* recordsAt(file, root, { type, recordSize, levels }, depth, count);
}

function levelsOf(file: File, nodeSize: number, recordSize: number, depth: number): Level[] {
  const leaf = Math.floor((nodeSize - OVERHEAD) / recordSize);
  const levels: Level[] = [{ pointer: 0, most: leaf, total: leaf }];
  for (let level = 1; level <= depth; level++) {
    const below = levels[level - 1]!;
    const pointer = file.widths.offset + widthOf(leaf) + (level > 1 ? widthOf(below.total) : 0);
    const most = Math.floor((nodeSize - OVERHEAD - pointer) / (recordSize + pointer));
    const total = (most + 1) * below.total + most;
    if (most < 1 || !Number.isSafeInteger(total)) throw new Damage("a tree of impossible nodes");
    levels.push({ pointer, most, total });
  }
  return levels;
}

interface Tree {
  readonly type: number;
  readonly recordSize: number;
  readonly levels: readonly Level[];
}

function* recordsAt(
  file: File,
  address: number,
  tree: Tree,
  level: number,
  count: number,
): Generator<Cursor> {
  const { pointer, most } = tree.levels[level]!;
  if (count > most) throw new Damage("a tree with more in a node than it can hold");
  const c = file.at(
    address,
    OVERHEAD - CHECKSUM + count * tree.recordSize + (level ? (count + 1) * pointer : 0),
  );
  c.expect(level ? "BTIN" : "BTLF");
  c.expect(0);
  c.expect(tree.type);
  const records = Array.from({ length: count }, () => c.part(tree.recordSize));
  if (level === 0) return yield* records;
  for (let i = 0; i <= count; i++) {
    const branch = c.part(pointer);
    const child = branch.address();
    if (child === undefined) throw new Damage("a tree with a branch to nowhere");
    yield* recordsAt(file, child, tree, level - 1, branch.uint(widthOf(tree.levels[0]!.most)));
    if (i < count) yield records[i]!;
  }
}
