import { type DType, sizeOf, type Tensor, viewBytes } from "../../base/tensor.ts";
import { type Cursor, cursor } from "./cursor.ts";
import type { Datatype } from "./datatype.ts";
import { Damage } from "./errors.ts";
import type { File } from "./file.ts";
import { globalTexts } from "./global-heap.ts";

/** An array of texts. */
export interface Texts {
  readonly dtype: "text";
  readonly shape: readonly number[];
  readonly data: readonly string[];
}

/** What a dataset or an attribute holds. */
export type Value = Tensor | Texts;

/** The shape of a dataset, `[]` for one element alone, `[0]` for none; and what it may grow to, undefined where without end. */
export interface Dataspace {
  readonly shape: readonly number[];
  readonly most: readonly (number | undefined)[];
}

export function readDataspace(c: Cursor): Dataspace {
  const version = c.uint(1);
  if (version !== 1 && version !== 2) throw new Damage(`a shape of version ${version}`);
  const [rank, flags, kind] = [c.uint(1), c.uint(1), c.uint(1)];
  if (version === 1) c.skip(4);
  if (version === 2 && kind === 2) return { shape: [0], most: [0] };
  const shape = Array.from({ length: rank }, () => c.length());
  if (!Number.isSafeInteger(sizeOf(shape))) throw new Damage(`a shape of [${shape.join(", ")}]`);
  const most = flags & 1 ? shape.map(() => c.limit()) : shape;
  return { shape, most };
}

/**
 * The elements that lie row by row in `bytes`; numbers as views of them where they lie as we want them.
 * @param bytes as many as the shape takes
 */
export function decode(file: File, type: Datatype, shape: readonly number[], bytes: Uint8Array): Value {
  if (type.kind === "number") {
    const { dtype, size, bigEndian } = type;
    return { dtype, shape, data: viewBytes<DType>(dtype, bigEndian ? turned(bytes, size) : bytes) } as Tensor;
  }
  const c = cursor(bytes, file.widths);
  const long = globalTexts(file);
  const texts = Array.from({ length: sizeOf(shape) }, () => {
    if (type.kind === "text") return shortText(c.bytes(type.size), type.fill);
    const length = c.uint(4);
    const [heap, index] = [c.address(), c.uint(4)];
    return length === 0 || heap === undefined ? "" : long(heap, index);
  });
  return { dtype: "text", shape, data: texts };
}

/** Elements with their bytes in the other order. */
function turned(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let at = 0; at < out.length; at += size) out.subarray(at, at + size).reverse();
  return out;
}

function shortText(bytes: Uint8Array, fill: "\0" | " "): string {
  const end = bytes.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  return fill === " " ? text.replace(/ +$/, "") : text;
}
