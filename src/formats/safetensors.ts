import { UserError } from "../base/errors.ts";
import { bytesOf, bytesPerElement, type DType, sizeOf, type Tensor, viewBytes } from "../base/tensor.ts";

const codes: Readonly<Partial<Record<DType, string>>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint64: "U64",
  uint32: "U32",
  uint16: "U16",
  uint8: "U8",
  bool: "BOOL",
};
const dtypes = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]));

/** Tensors by name, and free text by key. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file: the header's length (u64), a JSON header, then the tensors' bytes one after the other.
 * The header is padded so that every tensor of up to 8-byte elements lies aligned if larger elements come first.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let end = 0;
  for (const [name, tensor] of ordered) {
    const begin = end;
    end += tensor.data.byteLength;
    header[name] = { dtype: codes[tensor.dtype], shape: tensor.shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length).set(text, 8);
  let at = 8 + length;
  for (const [, tensor] of ordered) {
    file.set(bytesOf(tensor), at);
    at += tensor.data.byteLength;
  }
  return file;
}

/**
 * Reads a safetensors file; tensors are views of `bytes`.
 * @param source what to call the file in errors
 * @throws UserError when it is truncated, or its header does not describe it
 */
export function readSafetensors(bytes: Uint8Array, source: string): Safetensors {
  const broken = (why: string): UserError =>
    new UserError(`${source} is not a whole safetensors file (${why}); copy or write it again.`);
  if (bytes.length < 8) throw broken("it is shorter than its header");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) throw broken("it ends inside its header");
  const header = parseHeader(bytes.subarray(8, 8 + length), broken);
  const body = bytes.subarray(8 + length);
  const tensors = new Map<string, Tensor>();
  let covered = 0;
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  const ordered = entries.map(([name, entry]) => ({ name, ...checkEntry(name, entry, broken) }));
  for (const { name, dtype, shape, begin, end } of ordered.sort((a, b) => a.begin - b.begin)) {
    if (begin !== covered) throw broken(`"${name}" overlaps another tensor or leaves a gap`);
    if (end > body.length) throw broken(`it ends inside "${name}"`);
    tensors.set(name, { dtype, shape, data: viewBytes(dtype, body.subarray(begin, end)) });
    covered = end;
  }
  if (covered !== body.length) throw broken("bytes are left over at its end");
  return { tensors, metadata: (header.__metadata__ ?? {}) as Record<string, string> };
}

function parseHeader(text: Uint8Array, broken: (why: string) => UserError): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
    if (typeof header === "object" && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw broken("its header is not JSON");
}

interface Entry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, entry: unknown, broken: (why: string) => UserError): Entry {
  const { dtype: code, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const dtype = dtypes.get(String(code));
  const whole = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!dtype) throw broken(`"${name}" has the element type ${code}`);
  if (!whole(shape) || !whole(offsets) || offsets.length !== 2)
    throw broken(`"${name}" is described wrongly`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== sizeOf(shape) * bytesPerElement(dtype))
    throw broken(`"${name}" [${shape.join(", ")}] does not fill its bytes`);
  return { dtype, shape, begin, end };
}
