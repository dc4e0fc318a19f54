import { sizeOf } from "../../base/tensor.ts";
import { recordsOf2 } from "./btree2.ts";
import type { Cursor } from "./cursor.ts";
import { readDatatype } from "./datatype.ts";
import { Damage, Unsupported } from "./errors.ts";
import type { File } from "./file.ts";
import { fractalHeap } from "./fractal-heap.ts";
import { kinds, type Messages } from "./messages.ts";
import { decode, readDataspace, type Value } from "./values.ts";

/** The value of an attribute of the object that `messages` describe; undefined if it has none of that name. */
export function readAttribute(file: File, messages: Messages, name: string): Value | undefined {
  for (const c of attributesOf(file, messages)) {
    const { found, open } = readHead(c);
    if (found === name) return open(file);
  }
  return undefined;
}

function* attributesOf(file: File, messages: Messages): Generator<Cursor> {
  yield* messages.all(kinds.attribute);
  const info = messages.first(kinds.attributeInfo);
  if (!info) return;
  info.expect(0);
  if (info.uint(1) & 1) info.skip(2);
  const [heap, tree] = [info.address(), info.address()];
  if (heap === undefined || tree === undefined) return;
  const object = fractalHeap(file, heap);
  for (const record of recordsOf2(file, tree, 8)) yield object(record);
}

/** The name of an attribute, and what reads the rest. */
function readHead(c: Cursor): { readonly found: string; readonly open: (file: File) => Value } {
  const version = c.uint(1);
  if (version < 1 || version > 3) throw new Damage(`an attribute of version ${version}`);
  const shared = c.uint(1) !== 0 && version > 1;
  const [nameSize, typeSize, spaceSize] = [c.uint(2), c.uint(2), c.uint(2)];
  if (version === 3) c.skip(1);
  const part = (size: number): Cursor => {
    const inner = c.part(size);
    if (version === 1) c.align();
    return inner;
  };
  const name = part(nameSize).bytes(Math.max(nameSize - 1, 0));
  return {
    found: new TextDecoder().decode(name),
    open(file) {
      if (shared) throw new Unsupported("a description shared between objects");
      const type = readDatatype(part(typeSize));
      const { shape } = readDataspace(part(spaceSize));
      return decode(file, type, shape, c.bytes(sizeOf(shape) * type.size));
    },
  };
}
