import { UserError } from "../base/errors.ts";
import { bytesOf, bytesPerElement, type DType, sizeOf, type Tensor, viewBytes } from "../base/tensor.ts";

/** NumPy's names of the element types; `|` where byte order means nothing. */
const codes: Readonly<Record<DType, string>> = {
  float64: "<f8",
  float32: "<f4",
  float16: "<f2",
  int64: "<i8",
  int32: "<i4",
  int16: "<i2",
  int8: "|i1",
  uint64: "<u8",
  uint32: "<u4",
  uint16: "<u2",
  uint8: "|u1",
  bool: "|b1",
};
const dtypes = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]));

const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY")];

/** The tensor as an `.npy` file of version 1.0, row-major. */
export function writeNpy(tensor: Tensor): Uint8Array {
  const shape = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(", ");
  const text = `{'descr': '${codes[tensor.dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  // The format asks for data at a multiple of 64, after a header that ends in a newline.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const file = new Uint8Array(start + tensor.data.byteLength);
  file.set([...MAGIC, 1, 0], 0);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${text.padEnd(start - 11)}\n`), 10);
  file.set(bytesOf(tensor), start);
  return file;
}

/**
 * Reads an `.npy` file of version 1 or 2; the tensor is a view of `bytes` where alignment allows it.
 * @param source what to call the file in errors
 * @throws UserError when it is truncated or no `.npy` file, in column-major order, or of a type that we do not have
 */
export function readNpy(bytes: Uint8Array, source: string): Tensor {
  const [major] = bytes.subarray(6, 8);
  if (bytes.length < 12 || MAGIC.some((byte, at) => bytes[at] !== byte))
    throw new UserError(`${source} is not an .npy file; write it with numpy.save.`);
  if (major !== 1 && major !== 2)
    throw new UserError(`${source} is an .npy file of version ${major}; write it with numpy.save.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [from, length] = major === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const start = from + length;
  if (start > bytes.length) throw truncated(source);
  const { code, columns, shape } = parseHeader(
    new TextDecoder("latin1").decode(bytes.subarray(from, start)),
    source,
  );
  const dtype = dtypes.get(code);
  if (!dtype)
    throw new UserError(`${source} holds elements of type ${code}; save it as float32, for example.`);
  if (columns && shape.length > 1)
    throw new UserError(`${source} is in column-major order; save numpy.ascontiguousarray of the array.`);
  const size = sizeOf(shape) * bytesPerElement(dtype);
  if (bytes.length - start < size) throw truncated(source);
  if (bytes.length - start > size)
    throw new UserError(`${source} holds more bytes than its shape (${shape.join(", ")}); write it again.`);
  return { dtype, shape, data: viewBytes(dtype, bytes.subarray(start)) };
}

const truncated = (source: string): UserError =>
  new UserError(`${source} is truncated; copy or write it again.`);

/** The three entries of the header, which is a Python dictionary. */
function parseHeader(text: string, source: string): { code: string; columns: boolean; shape: number[] } {
  const code = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const columns = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const extents = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1]?.split(",");
  const shape = extents?.filter((extent) => extent.trim() !== "").map(Number);
  const described = code !== undefined || text.includes("'descr'");
  if (columns === undefined || !shape?.every(Number.isSafeInteger) || !described)
    throw new UserError(`${source} has an .npy header that cannot be read; write it with numpy.save.`);
  return {
    // A list of fields instead of a name is a structured type.
    code: code ?? "structure",
    columns: columns === "True",
    shape,
  };
}
