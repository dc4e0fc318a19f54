import type { DType } from "../../base/tensor.ts";
import type { Cursor } from "./cursor.ts";
import { Damage, Unsupported } from "./errors.ts";

/** What the elements of an array are in a file. */
export type Datatype =
  | { readonly kind: "number"; readonly dtype: DType; readonly size: number; readonly bigEndian: boolean }
  /** Texts of `size` bytes, of which the rest is filled up with `fill`. */
  | { readonly kind: "text"; readonly size: number; readonly fill: "\0" | " " }
  /** Texts of any length, which lie in global heaps; of `size` bytes are the references. */
  | { readonly kind: "long text"; readonly size: number };

const integers: Readonly<Record<number, DType>> = { 1: "uint8", 2: "uint16", 4: "uint32", 8: "uint64" };

/** IEEE 754's, by their size, bits of the exponent and bits of the mantissa. */
const floats: Readonly<Record<string, DType>> = {
  "2 5 10": "float16",
  "4 8 23": "float32",
  "8 11 52": "float64",
};

/** Classes of types by their number, of which we read those that `readers` has. */
const names = [
  "integers",
  "floating point numbers",
  "times",
  "texts",
  "bit fields",
  "opaque values",
  "records",
  "references",
  "enumerations",
  "lists",
  "arrays as elements",
];

interface Description {
  readonly version: number;
  /** Bits that mean something else in each class. */
  readonly bits: number;
  readonly size: number;
}

/** @throws Unsupported for types other than numbers, truth values and texts */
export function readDatatype(c: Cursor): Datatype {
  const first = c.uint(1);
  const [code, version] = [first & 15, first >> 4];
  const [bits, size] = [c.uint(3), c.uint(4)];
  if (size === 0) throw new Damage("elements of no bytes");
  const found = readers[code]?.(c, { version, bits, size });
  if (!found) throw new Unsupported(`${names[code] ?? "elements"} of a kind of their own`);
  return found;
}

const number = (dtype: DType, size: number, bigEndian: boolean): Datatype => ({
  kind: "number",
  dtype,
  size,
  bigEndian,
});

type Reader = (c: Cursor, description: Description) => Datatype | undefined;

const readInteger: Reader = (c, { bits, size }) => {
  const unsigned = integers[size];
  if (!unsigned || c.uint(2) !== 0 || c.uint(2) !== 8 * size) return undefined;
  return number(bits & 8 ? (unsigned.slice(1) as DType) : unsigned, size, (bits & 1) !== 0);
};

const readFloat: Reader = (c, { bits, size }) => {
  c.skip(5);
  const exponent = c.uint(1);
  c.skip(1);
  const dtype = floats[`${size} ${exponent} ${c.uint(1)}`];
  const vax = (bits & 0x40) !== 0;
  return dtype && !vax ? number(dtype, size, (bits & 1) !== 0) : undefined;
};

const readText: Reader = (_, { bits, size }) => ({
  kind: "text",
  size,
  fill: (bits & 15) === 2 ? " " : "\0",
});

/** Numbers of two bytes that no other type describes, such as bfloat16, come as their bits. */
const readOpaque: Reader = (_, { size }) => (size === 2 ? number("uint16", size, false) : undefined);

/** h5py's truth values, or numbers with names. */
const readEnumeration: Reader = (c, { version, bits }) => {
  const base = readDatatype(c);
  if (base.kind !== "number") return undefined;
  const members = Array.from({ length: bits & 0xffff }, () => readName(c, version < 3));
  const truth = base.size === 1 && members.join() === "FALSE,TRUE" && c.uint(1) === 0 && c.uint(1) === 1;
  return truth ? { ...base, dtype: "bool" } : base;
};

function readName(c: Cursor, padded: boolean): string {
  const letters: number[] = [];
  for (let letter = c.uint(1); letter !== 0; letter = c.uint(1)) letters.push(letter);
  if (padded) c.skip((8 - ((letters.length + 1) % 8)) % 8);
  return new TextDecoder().decode(Uint8Array.from(letters));
}

const readList: Reader = (_, { bits, size }) => ((bits & 15) === 1 ? { kind: "long text", size } : undefined);

const readers: Readonly<Record<number, Reader>> = {
  0: readInteger,
  1: readFloat,
  3: readText,
  5: readOpaque,
  8: readEnumeration,
  9: readList,
};
