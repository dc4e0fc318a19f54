import { bytesOf, bytesPerElement, type DType, float32, viewBytes } from "../../base/tensor.ts";
import { type Attributes, int } from "../graph.ts";
import { BFLOAT16, codeOfDtype, dtypeOfCode } from "./schema.ts";

/** An element type of the format, and what becomes of it here: every floating point number is a float32. */
export interface Element {
  readonly dtype: DType;
  /** The type that holds one element in a file. */
  readonly stored: DType;
  /** Elements of the file as bytes of `dtype`, where the two differ. */
  readonly widen?: (bytes: Uint8Array) => Uint8Array;
}

const fromFloat16 = (bytes: Uint8Array): Uint8Array => {
  const bits = viewBytes("float16", bytes);
  const table = float16Values();
  return bytesOf(
    float32(
      [bits.length],
      Float32Array.from(bits, (half) => table[half]!),
    ),
  );
};

/** The upper half of a float32. */
const fromBfloat16 = (bytes: Uint8Array): Uint8Array => {
  const upper = viewBytes("uint16", bytes);
  return bytesOf({
    dtype: "uint32",
    shape: [upper.length],
    data: Uint32Array.from(upper, (half) => half << 16),
  });
};

/** The nearest float32. */
const fromFloat64 = (bytes: Uint8Array): Uint8Array =>
  bytesOf(float32([bytes.length / 8], Float32Array.from(viewBytes("float64", bytes))));

let values: Float32Array | undefined;

/** The number that each of the 65,536 half floats stands for: a float32 holds all of them exactly. */
function float16Values(): Float32Array {
  values ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    const sign = bits >> 15 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
  });
  return values;
}

const FLOAT32 = codeOfDtype.get("float32")!;

const widened: ReadonlyMap<number, Element> = new Map([
  [codeOfDtype.get("float16")!, { dtype: "float32", stored: "float16", widen: fromFloat16 }],
  [codeOfDtype.get("float64")!, { dtype: "float32", stored: "float64", widen: fromFloat64 }],
  [BFLOAT16, { dtype: "float32", stored: "uint16", widen: fromBfloat16 }],
]);

/** The element type of a code; undefined where we have none, as for text. */
export function elementOf(code: number): Element | undefined {
  const dtype = dtypeOfCode.get(code);
  return widened.get(code) ?? (dtype && { dtype, stored: dtype });
}

/** Bytes of one element in a file. */
export const storedSize = ({ stored }: Element): number => bytesPerElement(stored);

/** Attributes of ONNX's operators that name an element type, as `to` of Cast. */
const typeAttributes = ["to", "dtype", "output_dtype", "output_datatype", "stash_type", "softmax_precision"];

/** The attributes of a node in a graph whose floating point numbers are all float32. */
export function inFloat32(attributes: Attributes): Attributes {
  const changed = typeAttributes.filter((name) => {
    const attribute = attributes[name];
    return attribute?.type === "int" && widened.has(attribute.value);
  });
  return { ...attributes, ...Object.fromEntries(changed.map((name) => [name, int(FLOAT32)])) };
}
