import type { DType } from "../../base/tensor.ts";
import type { Attribute, ValueType } from "../graph.ts";

/** Field numbers of the ONNX messages that we read and write (onnx.proto3 of IR version 8). */
export const model = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
  functions: 25,
};
export const graphFields = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
};
export const nodeFields = { input: 1, output: 2, name: 3, op: 4, attribute: 5, domain: 7 };
export const attributeFields = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  type: 20,
};
export const tensorFields = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
};
/** The data location of a tensor that lies in another file. */
export const EXTERNAL = 1;
export const valueFields = {
  name: 1,
  type: 2,
  tensorType: 1,
  elementType: 1,
  shape: 2,
  dim: 1,
  dimValue: 1,
  dimParam: 2,
};
export const pairFields = { first: 1, second: 2 };

/** Codes of element types. Those of floating point that we don't compute in are read as float32 (`elements.ts`). */
const dataTypes: readonly (readonly [number, DType])[] = [
  [1, "float32"],
  [2, "uint8"],
  [3, "int8"],
  [4, "uint16"],
  [5, "int16"],
  [6, "int32"],
  [7, "int64"],
  [9, "bool"],
  [10, "float16"],
  [11, "float64"],
  [12, "uint32"],
  [13, "uint64"],
];
export const dtypeOfCode: ReadonlyMap<number, DType> = new Map(dataTypes);
export const BFLOAT16 = 16;

/** What we call a free extent without a name. Two of them need not be equal. */
export const UNNAMED = "?";
export const codeOfDtype: ReadonlyMap<ValueType, number> = new Map([
  ...dataTypes.map(([code, dtype]) => [dtype, code] as const),
  ["string", 8],
]);

export const attributeCodes: Readonly<Record<Attribute["type"], number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
};
