import { UserError } from "../../base/errors.ts";
import { bytesPerElement, type DType, sizeOf, type Tensor, viewBytes } from "../../base/tensor.ts";
import { type Fields, isFields } from "./settings.ts";

/** A weight in the manifest of TensorFlow.js. */
export interface TfjsWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Bytes that it takes. */
  readonly length: number;
  decode(bytes: Uint8Array): Tensor;
}

/** @throws UserError when it is described wrongly, or of a type that is none of numbers */
export function readTfjsWeight(entry: unknown, source: string): TfjsWeight {
  const { name, shape, dtype, quantization } = isFields(entry) ? entry : {};
  if (typeof name !== "string" || !isShape(shape))
    throw new UserError(`${source} describes the weight "${name}" wrongly; save the model again.`);
  const element = elementOf(String(dtype), quantization);
  if (!element)
    throw new UserError(
      `${source} has the weight "${name}" in numbers of the type ${dtype}${quantization ? ", quantized" : ""}, which cannot be read; save it as float32.`,
    );
  const { dtype: decoded, stored, restore } = element;
  return {
    name,
    shape,
    length: sizeOf(shape) * bytesPerElement(stored),
    decode(bytes) {
      const numbers = viewBytes(stored, bytes);
      return {
        dtype: decoded,
        shape,
        data: restore ? restore(numbers as ArrayLike<number>) : numbers,
      } as Tensor;
    },
  };
}

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);

interface Element {
  readonly dtype: DType;
  /** The type that holds one in a shard. */
  readonly stored: DType;
  /** Stored numbers as what they stand for, where the two differ. */
  readonly restore?: (numbers: ArrayLike<number>) => Float32Array | Int32Array;
}

const dtypes: readonly DType[] = ["float32", "int32", "bool", "uint8"];

function elementOf(name: string, quantization: unknown): Element | undefined {
  const dtype = dtypes.find((known) => known === name);
  if (!isFields(quantization)) return dtype && { dtype, stored: dtype };
  if (quantization.dtype === "float16" && dtype === "float32") return { dtype: "float16", stored: "float16" };
  return dtype === "float32" || dtype === "int32" ? affine(dtype, quantization) : undefined;
}

/** `scale` times the stored level, plus `min`. */
function affine(dtype: "float32" | "int32", { dtype: stored, scale, min }: Fields): Element | undefined {
  if ((stored !== "uint8" && stored !== "uint16") || typeof scale !== "number" || typeof min !== "number")
    return undefined;
  const restore = (levels: ArrayLike<number>): Float32Array | Int32Array =>
    dtype === "float32"
      ? Float32Array.from(levels, (level) => level * scale + min)
      : Int32Array.from(levels, (level) => Math.round(level * scale + min));
  return { dtype, stored, restore };
}
