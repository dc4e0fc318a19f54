import { entriesOf1 } from "./btree1.ts";
import { recordsOf2 } from "./btree2.ts";
import type { Cursor } from "./cursor.ts";
import { Damage } from "./errors.ts";
import type { File } from "./file.ts";
import { fractalHeap } from "./fractal-heap.ts";
import { kinds, type Messages } from "./messages.ts";

/** Where each member of a group is, by its name; undefined for what lies in another place or file. */
export type Links = ReadonlyMap<string, number | undefined>;

/** No name is longer; it would be a heap that is taken for one. */
const LONGEST = 4096;

/** The links of the group that `messages` describe; undefined if they describe no group. */
export function readLinks(file: File, messages: Messages): Links | undefined {
  const links = linksOf(file, messages);
  // It separates the names in a path.
  if (links && [...links.keys()].some((name) => name.includes("/"))) throw new Damage("a name with a slash");
  return links;
}

/** In whichever way the group keeps them. */
function linksOf(file: File, messages: Messages): Links | undefined {
  const table = messages.first(kinds.symbolTable);
  if (table) return new Map(symbolTable(file, table));
  const info = messages.first(kinds.linkInfo);
  if (!info) return undefined;
  const compact = messages.all(kinds.link).map(readLink);
  return new Map([...compact, ...denseLinks(file, info)]);
}

/** Groups as the first versions write them: a tree of tables of entries, with their names in a heap. */
function* symbolTable(file: File, table: Cursor): Generator<[string, number | undefined]> {
  const [tree, heap] = [table.address(), table.address()];
  if (tree === undefined || heap === undefined) throw new Damage("a group without a table");
  const names = localHeap(file, heap);
  const entrySize = 2 * file.widths.offset + 24;
  for (const { child } of entriesOf1(file, tree, "links", file.widths.length)) {
    const head = file.at(child, 8);
    head.expect("SNOD");
    head.expect(1);
    head.skip(1);
    const count = head.uint(2);
    const entries = file.at(child + 8, count * entrySize);
    for (let i = 0; i < count; i++) {
      const [name, address] = [entries.uint(file.widths.offset), entries.address()];
      const soft = entries.uint(4) === 2;
      entries.skip(20);
      yield [names(name), soft ? undefined : address];
    }
  }
}

/** What reads the text at a place of a local heap. */
function localHeap(file: File, address: number): (place: number) => string {
  const c = file.at(address, 8 + 2 * file.widths.length + file.widths.offset);
  c.expect("HEAP");
  c.expect(0);
  c.skip(3);
  const size = c.length();
  c.length();
  const bytes = file.read(c.address() ?? Number.NaN, size);
  return (place) => {
    const end = bytes.indexOf(0, place);
    if (end < 0 || end - place > LONGEST) throw new Damage("a name without an end");
    return new TextDecoder().decode(bytes.subarray(place, end));
  };
}

const linkFlag = { kind: 8, order: 4, charset: 16 };

function readLink(c: Cursor): [string, number | undefined] {
  c.expect(1);
  const flags = c.uint(1);
  const hard = !(flags & linkFlag.kind) || c.uint(1) === 0;
  if (flags & linkFlag.order) c.skip(8);
  if (flags & linkFlag.charset) c.skip(1);
  const name = new TextDecoder().decode(c.bytes(c.uint(1 << (flags & 3))));
  return [name, hard ? c.address() : undefined];
}

/** Of groups with many members: links in a heap, under a tree by the hashes of their names. */
function* denseLinks(file: File, info: Cursor): Generator<[string, number | undefined]> {
  info.expect(0);
  if (info.uint(1) & 1) info.skip(8);
  const [heap, tree] = [info.address(), info.address()];
  if (heap === undefined || tree === undefined) return;
  const object = fractalHeap(file, heap);
  for (const record of recordsOf2(file, tree, 5)) {
    record.skip(4);
    yield readLink(object(record));
  }
}
