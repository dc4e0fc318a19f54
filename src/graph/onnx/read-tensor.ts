import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type ByteSource, partOf } from "../../base/byte-source.ts";
import { UserError } from "../../base/errors.ts";
import { bytesOf, type DType, sizeOf, zeros } from "../../base/tensor.ts";
import type { Initializer } from "../graph.ts";
import { type Element, elementOf, storedSize } from "./elements.ts";
import { EXTERNAL, pairFields, tensorFields } from "./schema.ts";
import { each, integer, nested, repeated } from "./wire.ts";

/** What a model is read from. */
export interface Input {
  /** The model file, or its structure alone. */
  readonly bytes: Uint8Array;
  /** Payloads that are not in `bytes`: by the position where they would begin, their place in `source`. */
  readonly leftOut?: {
    readonly source: ByteSource;
    readonly places: ReadonlyMap<number, { readonly offset: number; readonly length: number }>;
  };
  /**
   * The file at `location`, a path relative to the model, that holds data of its tensors.
   * @throws UserError when there is none, or it may not be read: what is to be said of it, beginning with "which"
   */
  readonly external?: (location: string) => ByteSource;
}

/** A stretch of bytes, in memory or not. */
interface Part {
  readonly length: number;
  readonly held?: Uint8Array;
  readonly load: () => Uint8Array;
  readonly file?: NonNullable<Initializer["file"]>;
}

/** A tensor's own name, and the tensor as a constant of any name. */
export interface StoredTensor {
  readonly name: string;
  readonly as: (name: string) => Initializer;
}

/** Elements one by one, which older exporters write in place of bytes. */
const listFields: ReadonlySet<number> = new Set([
  tensorFields.floatData,
  tensorFields.doubleData,
  tensorFields.int32Data,
  tensorFields.int64Data,
  tensorFields.uint64Data,
]);

/** @throws UserError that names the tensor when its data cannot be had or do not fill its shape */
export function readTensor(r: BinaryReader, input: Input, end: number): StoredTensor {
  const shape: number[] = [];
  const location = new Map<string, string>();
  const numbers: Part[] = [];
  let [name, code, external] = ["", 0, false];
  let raw: Part | undefined;
  const listed = (wire: WireType): void => {
    numbers.push(wire === WireType.LengthDelimited ? part(r, input) : held(r.skip(wire)));
  };
  each(r, end, (field, wire) => {
    if (field === tensorFields.dims) repeated(r, wire, () => shape.push(integer(r)));
    else if (field === tensorFields.dataType) code = r.int32();
    else if (field === tensorFields.name) name = r.string();
    else if (field === tensorFields.rawData) raw = part(r, input);
    else if (listFields.has(field)) listed(wire);
    else if (field === tensorFields.externalData) location.set(...readPair(r));
    else if (field === tensorFields.dataLocation) external = r.int32() === EXTERNAL;
    else return false;
    return true;
  });
  const element = elementOf(code);
  if (!element)
    throw new UserError(`the tensor "${name}" has an element type (${code}) that cannot be read.`);
  const size = sizeOf(shape) * storedSize(element);
  if (shape.some((extent) => extent < 0) || !Number.isSafeInteger(size))
    throw new UserError(`the tensor "${name}" cannot have the shape [${shape.join(", ")}]; export it again.`);
  const refuse = (count: number, unit: string, needed: number): UserError =>
    new UserError(
      `the tensor "${name}" [${shape.join(", ")}] holds ${count} ${unit}, not ${needed}; export it again.`,
    );
  const whole = external
    ? externalPart(name, location, size, input)
    : (raw ?? (fixedLength.has(element.stored) ? join(numbers) : decoded(element, shape, numbers, refuse)));
  if (whole.length !== size) throw refuse(whole.length, "bytes", size);
  return { name, as: (other) => initializer(other, element, shape, whole) };
}

function initializer(
  name: string,
  { dtype, widen }: Element,
  shape: readonly number[],
  { held, load, file }: Part,
): Initializer {
  if (held && !widen) return { name, dtype, shape, bytes: held };
  return {
    name,
    dtype,
    shape,
    get bytes(): Uint8Array {
      return widen ? widen(load()) : load();
    },
    ...(file && !widen ? { file } : {}),
  };
}

const held = (bytes: Uint8Array): Part => ({ length: bytes.length, held: bytes, load: () => bytes });

/** A length-delimited payload, of which `input.bytes` may hold nothing but the place. */
function part(r: BinaryReader, input: Input): Part {
  const bytes = r.bytes();
  const place = bytes.length ? undefined : input.leftOut?.places.get(r.pos);
  return place ? within(input.leftOut!.source, place.offset, place.length) : held(bytes);
}

function within(source: ByteSource, offset: number, length: number): Part {
  const { read, file } = partOf(source, offset, length);
  return { length, load: () => read(0, length), ...(file ? { file } : {}) };
}

/** Parts one after the other. Most often there is one, which stays the view that it is. */
function join(parts: readonly Part[]): Part {
  if (parts.length === 1) return parts[0]!;
  const length = parts.reduce((sum, each) => sum + each.length, 0);
  const load = (): Uint8Array => {
    const whole = new Uint8Array(length);
    let at = 0;
    for (const each of parts) {
      whole.set(each.load(), at);
      at += each.length;
    }
    return whole;
  };
  return { length, load };
}

/** Types whose elements are listed as they lie in memory; the others are listed as varints. */
const fixedLength: ReadonlySet<DType> = new Set(["float32", "float64"]);

/** Varints: each of one to ten bytes, of which only the last is below 128. */
function decoded(
  { stored }: Element,
  shape: readonly number[],
  numbers: readonly Part[],
  refuse: (count: number, unit: string, needed: number) => UserError,
): Part {
  const bytes = join(numbers).load();
  const count = bytes.reduce((sum, byte) => sum + (byte < 0x80 ? 1 : 0), 0);
  // Before memory is taken for what the shape alone promises.
  if (count !== sizeOf(shape)) throw refuse(count, "elements", sizeOf(shape));
  const { data } = zeros(stored, shape);
  const r = new BinaryReader(bytes);
  for (let at = 0; at < count; at++)
    data[at] =
      data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(r.uint64()) : r.int32();
  return held(bytesOf({ dtype: stored, shape, data }));
}

/** The bytes of a tensor that lie in a file beside the model. Tensors may share them, as tied weights do. */
function externalPart(name: string, entries: ReadonlyMap<string, string>, size: number, input: Input): Part {
  const location = entries.get("location") ?? "";
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    return text === undefined ? undefined : /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  };
  const [offset, length] = [number("offset") ?? 0, number("length") ?? size];
  const refuse = (why: string): UserError =>
    new UserError(`the tensor "${name}" lies in the file "${location}", ${why}`);
  if (!input.external)
    throw refuse("which is not at hand here; open the model by its path, or save it as one file.");
  if (!Number.isSafeInteger(offset + length))
    throw refuse(
      `at offset "${entries.get("offset") ?? 0}", length "${entries.get("length") ?? size}"; export the model again.`,
    );
  if (length !== size) throw refuse(`in ${length} bytes, not ${size}; export the model again.`);
  let source: ByteSource;
  try {
    source = input.external(location);
  } catch (error) {
    if (error instanceof UserError) throw refuse(error.message);
    throw error;
  }
  if (offset + length > source.size)
    throw refuse(
      `which ends at ${source.size}, before the tensor does at ${offset + length}; copy both files again.`,
    );
  return within(source, offset, length);
}

/** An entry of a map from text to text. */
export function readPair(r: BinaryReader): [string, string] {
  const pair: [string, string] = ["", ""];
  each(r, nested(r), (field) => {
    if (field !== pairFields.first && field !== pairFields.second) return false;
    pair[field - 1] = r.string();
    return true;
  });
  return pair;
}
