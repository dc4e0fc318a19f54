import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { UserError } from "../../base/errors.ts";
import {
  bytesOf,
  bytesPerElement,
  type DType,
  sizeOf,
  type Tensor,
  tensor,
  zeros,
} from "../../base/tensor.ts";
import {
  type Attribute,
  type Dim,
  type Graph,
  type Initializer,
  type Node,
  OPSET,
  type Value,
} from "../graph.ts";
import {
  attributeCodes,
  attributeFields,
  dtypeOfCode,
  graphFields,
  model,
  nodeFields,
  pairFields,
  tensorFields,
  valueFields,
} from "./schema.ts";
import { upgrade } from "./upgrade.ts";

/** Operator sets that can be read: older ones are upgraded, newer ones than ours differ in nothing that we touch. */
const OPSETS = { lowest: 7, highest: 24 };

/**
 * Reads the bytes of an `.onnx` file. Weights stay views of `bytes`, with their offsets.
 * @param source what to call the file in errors
 * @throws UserError when the bytes are not a whole ONNX model, or use what we cannot read, by name.
 */
export function readOnnx(bytes: Uint8Array, source: string): Graph {
  try {
    return readModel(bytes);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${source}: ${error.message}`);
    // The wire library reports a cut or foreign file as RangeError or Error; which of the two says nothing to a person.
    if (error instanceof Error)
      throw new UserError(
        `${source} is truncated or not an ONNX file (${error.message}); export or copy it again.`,
      );
    throw error;
  }
}

function readModel(bytes: Uint8Array): Graph {
  const reader = new BinaryReader(bytes);
  const metadata = new Map<string, string>();
  let graph: Graph | undefined;
  const opsets = new Map<string, number>();
  each(reader, reader.len, (field) => {
    if (field === model.graph) graph = readGraph(reader, bytes, nested(reader));
    else if (field === model.opsetImport) {
      const [domain, version] = readOpset(reader);
      opsets.set(domain, version);
    } else if (field === model.metadata) {
      const [key, value] = readPair(reader);
      metadata.set(key, value);
    } else return false;
    return true;
  });
  const opset = opsets.get("");
  if (!graph || opset === undefined) throw new Error("no graph or operator set in it");
  const missing = graph.nodes.find(({ domain }) => !opsets.has(domain));
  if (missing) throw new Error(`no operator set "${missing.domain}" in it`);
  if (opset < OPSETS.lowest || opset > OPSETS.highest)
    throw new UserError(
      `opset ${opset} cannot be read; export the model with opset ${OPSETS.lowest} to ${OPSETS.highest}.`,
    );
  return { ...upgrade(graph, opset), opset: Math.max(opset, OPSET), metadata };
}

function readGraph(r: BinaryReader, file: Uint8Array, end: number): Graph {
  const nodes: Node[] = [];
  const declared: Value[] = [];
  const outputs: Value[] = [];
  const initializers = new Map<string, Initializer>();
  const values = new Map<string, Value>();
  let name = "";
  each(r, end, (field) => {
    if (field === graphFields.node) nodes.push(readNode(r, file, nested(r)));
    else if (field === graphFields.name) name = r.string();
    else if (field === graphFields.initializer) {
      const initializer = readTensor(r, file, nested(r));
      initializers.set(initializer.name, initializer);
    } else if (field === graphFields.input) declared.push(readValue(r, nested(r)));
    else if (field === graphFields.output) outputs.push(readValue(r, nested(r)));
    else if (field === graphFields.valueInfo) {
      const value = readValue(r, nested(r));
      values.set(value.name, value);
    } else return false;
    return true;
  });
  // A Constant node is an initializer by another name.
  const running = nodes.filter((node) => {
    const value = node.op === "Constant" ? node.attributes.value : undefined;
    if (value?.type !== "tensor") return true;
    const key = node.outputs[0]!;
    initializers.set(key, {
      name: key,
      dtype: value.value.dtype,
      shape: value.value.shape,
      bytes: bytesOf(value.value),
    });
    return false;
  });
  for (const { name: key, dtype, shape } of initializers.values())
    values.set(key, { name: key, dtype, shape });
  const inputs = declared.filter((value) => !initializers.has(value.name));
  for (const value of [...inputs, ...outputs]) values.set(value.name, value);
  for (const node of running)
    for (const output of node.outputs)
      if (output && !values.has(output))
        values.set(output, { name: output, dtype: "float32", shape: undefined });
  return { name, opset: OPSET, inputs, outputs, nodes: running, initializers, values, metadata: new Map() };
}

function readNode(r: BinaryReader, file: Uint8Array, end: number): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, Attribute> = {};
  let [name, op, domain] = ["", "", ""];
  each(r, end, (field) => {
    if (field === nodeFields.input) inputs.push(r.string());
    else if (field === nodeFields.output) outputs.push(r.string());
    else if (field === nodeFields.name) name = r.string();
    else if (field === nodeFields.op) op = r.string();
    else if (field === nodeFields.domain) domain = canonical(r.string());
    else if (field === nodeFields.attribute) {
      const [key, attribute] = readAttribute(r, file, nested(r));
      if (attribute) attributes[key] = attribute;
    } else return false;
    return true;
  });
  return { name: name || outputs[0] || op, op, domain, inputs, outputs, attributes };
}

const attributeTypes = new Map(
  Object.entries(attributeCodes).map(([type, code]) => [code, type as Attribute["type"]]),
);

function readAttribute(r: BinaryReader, file: Uint8Array, end: number): [string, Attribute | undefined] {
  const strings: string[] = [];
  let [name, i, f, code] = ["", 0, 0, 0];
  const ints: number[] = [];
  const floats: number[] = [];
  let value: Tensor | undefined;
  each(r, end, (field, wire) => {
    if (field === attributeFields.name) name = r.string();
    else if (field === attributeFields.f) f = r.float();
    else if (field === attributeFields.i) i = integer(r);
    else if (field === attributeFields.s || field === attributeFields.strings) strings.push(r.string(false));
    else if (field === attributeFields.t) {
      const { dtype, shape, bytes } = readTensor(r, file, nested(r));
      value = tensor(dtype, shape, zeros(dtype, shape).data);
      bytesOf(value).set(bytes);
    } else if (field === attributeFields.floats) repeated(r, wire, () => floats.push(r.float()));
    else if (field === attributeFields.ints) repeated(r, wire, () => ints.push(integer(r)));
    else if (field === attributeFields.type) code = r.int32();
    else return false;
    return true;
  });
  switch (attributeTypes.get(code)) {
    case "float":
      return [name, { type: "float", value: f }];
    case "int":
      return [name, { type: "int", value: i }];
    case "string":
      return [name, { type: "string", value: strings[0] ?? "" }];
    case "tensor":
      return [name, value && { type: "tensor", value }];
    case "floats":
      return [name, { type: "floats", value: floats }];
    case "ints":
      return [name, { type: "ints", value: ints }];
    case "strings":
      return [name, { type: "strings", value: strings }];
    default:
      throw new UserError(`the attribute "${name}" has a type (${code}) that cannot be read.`);
  }
}

function readTensor(r: BinaryReader, file: Uint8Array, end: number): Initializer {
  const shape: number[] = [];
  const numbers: (number | bigint)[] = [];
  let [name, code, external] = ["", 0, false];
  let raw: Uint8Array | undefined;
  each(r, end, (field, wire) => {
    if (field === tensorFields.dims) repeated(r, wire, () => shape.push(integer(r)));
    else if (field === tensorFields.dataType) code = r.int32();
    else if (field === tensorFields.name) name = r.string();
    else if (field === tensorFields.rawData) raw = r.bytes();
    else if (field === tensorFields.floatData) repeated(r, wire, () => numbers.push(r.float()));
    else if (field === tensorFields.doubleData) repeated(r, wire, () => numbers.push(r.double()));
    else if (field === tensorFields.int32Data) repeated(r, wire, () => numbers.push(r.int32()));
    else if (field === tensorFields.int64Data) repeated(r, wire, () => numbers.push(BigInt(r.int64())));
    else if (field === tensorFields.uint64Data) repeated(r, wire, () => numbers.push(BigInt(r.uint64())));
    else if (field === tensorFields.dataLocation) external = r.int32() === 1;
    else return false;
    return true;
  });
  const dtype = dtypeOfCode.get(code);
  if (!dtype) throw new UserError(`the tensor "${name}" has an element type (${code}) that cannot be read.`);
  if (external) throw new UserError(`the tensor "${name}" lies in another file; save the model as one file.`);
  const bytes = raw ?? packed(dtype, shape, numbers);
  const expected = sizeOf(shape) * bytesPerElement(dtype);
  if (shape.some((extent) => extent < 0) || !Number.isSafeInteger(expected) || bytes.length !== expected)
    throw new UserError(
      `the tensor "${name}" [${shape.join(", ")}] holds ${bytes.length} bytes, not ${expected}.`,
    );
  return raw
    ? { name, dtype, shape, bytes, fileOffset: raw.byteOffset - file.byteOffset }
    : { name, dtype, shape, bytes };
}

function packed(dtype: DType, shape: readonly number[], numbers: readonly (number | bigint)[]): Uint8Array {
  if (numbers.length !== sizeOf(shape)) return new Uint8Array(0);
  const whole = zeros(dtype, shape);
  const wide = whole.data instanceof BigInt64Array || whole.data instanceof BigUint64Array;
  numbers.forEach((number, index) => {
    whole.data[index] = wide ? BigInt(number) : Number(number);
  });
  return bytesOf(whole);
}

function readValue(r: BinaryReader, end: number): Value {
  let name = "";
  let dtype: DType = "float32";
  let shape: Dim[] | undefined;
  each(r, end, (field) => {
    if (field === valueFields.name) name = r.string();
    else if (field === valueFields.type)
      each(r, nested(r), (kind) => {
        if (kind !== valueFields.tensorType) return false;
        each(r, nested(r), (part) => {
          if (part === valueFields.elementType) dtype = dtypeOfCode.get(r.int32()) ?? "float32";
          else if (part === valueFields.shape) shape = readShape(r, nested(r));
          else return false;
          return true;
        });
        return true;
      });
    else return false;
    return true;
  });
  return { name, dtype, shape };
}

function readShape(r: BinaryReader, end: number): Dim[] {
  const shape: Dim[] = [];
  each(r, end, (field) => {
    if (field !== valueFields.dim) return false;
    let dim: Dim = "?";
    each(r, nested(r), (part) => {
      if (part === valueFields.dimValue) dim = integer(r);
      else if (part === valueFields.dimParam) dim = r.string();
      else return false;
      return true;
    });
    shape.push(dim);
    return true;
  });
  return shape;
}

function readPair(r: BinaryReader): [string, string] {
  const pair: [string, string] = ["", ""];
  each(r, nested(r), (field) => {
    if (field !== pairFields.first && field !== pairFields.second) return false;
    pair[field - 1] = r.string();
    return true;
  });
  return pair;
}

function readOpset(r: BinaryReader): [string, number] {
  let [domain, version] = ["", 0];
  each(r, nested(r), (field) => {
    if (field === pairFields.first) domain = r.string();
    else if (field === pairFields.second) version = integer(r);
    else return false;
    return true;
  });
  return [canonical(domain), version];
}

/** ONNX's own operators have two names for their domain. */
const canonical = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/** Calls `read` for each field up to `end`; a field that it does not take is passed over. */
function each(r: BinaryReader, end: number, read: (field: number, wire: WireType) => boolean): void {
  while (r.pos < end) {
    const [field, wire] = r.tag();
    if (!read(field, wire)) r.skip(wire, field);
  }
  if (r.pos !== end) throw new RangeError("a message runs past its end");
}

/** Enters a length-delimited field and returns where it ends. */
function nested(r: BinaryReader): number {
  const end = r.uint32() + r.pos;
  if (end > r.len) throw new RangeError("premature end");
  return end;
}

/** A repeated number, packed or one at a time. */
function repeated(r: BinaryReader, wire: WireType, read: () => void): void {
  if (wire === WireType.LengthDelimited) {
    const end = nested(r);
    while (r.pos < end) read();
  } else read();
}

function integer(r: BinaryReader): number {
  const value = Number(r.int64());
  if (!Number.isSafeInteger(value)) throw new RangeError("an integer is out of range");
  return value;
}
