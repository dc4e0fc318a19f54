import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { bytesOf, type DType, type Tensor } from "../../src/base/tensor.ts";
import type { Attribute } from "../../src/graph/graph.ts";

/** Files as other programs write them, field by field. */
export class Message {
  readonly #w = new BinaryWriter();
  bytes(field: number, value: Uint8Array): this {
    this.#w.tag(field, WireType.LengthDelimited).bytes(value);
    return this;
  }
  text(field: number, value: string): this {
    this.#w.tag(field, WireType.LengthDelimited).string(value);
    return this;
  }
  int(field: number, value: number | bigint): this {
    this.#w.tag(field, WireType.Varint).int64(value);
    return this;
  }
  float(field: number, value: number): this {
    this.#w.tag(field, WireType.Bit32).float(value);
    return this;
  }
  double(field: number, value: number): this {
    this.#w.tag(field, WireType.Bit64).double(value);
    return this;
  }
  packed(field: number, write: (w: BinaryWriter) => void): this {
    this.#w.tag(field, WireType.LengthDelimited).fork();
    write(this.#w);
    this.#w.join();
    return this;
  }
  with(field: number, inner: Message): this {
    return this.bytes(field, inner.done());
  }
  done(): Uint8Array {
    return this.#w.finish();
  }
}

/** A model of one graph; fields that we don't know stand among the others. */
export function foreignModel(graph: Message, opset: number | undefined = 13): Uint8Array {
  const model = new Message().int(1, 7).text(2, "pytorch").int(5, 1).text(6, "a doc").with(7, graph);
  if (opset !== undefined) model.with(8, new Message().text(1, "ai.onnx").int(2, opset));
  return model.done();
}

/** Codes of element types in the format. */
export const codes: Readonly<Record<DType | "text" | "bfloat16", number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  text: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

export const tensorMessage = (name: string, tensor: Tensor): Message => {
  const message = new Message();
  for (const extent of tensor.shape) message.int(1, extent);
  return message.int(2, codes[tensor.dtype]).text(8, name).bytes(9, bytesOf(tensor));
};

/** A graph among attributes is written already. */
export type ForeignAttribute = Attribute | { readonly type: "branch"; readonly value: Message };

function attributeMessage(name: string, attribute: ForeignAttribute): Message {
  const message = new Message().text(1, name);
  switch (attribute.type) {
    case "float":
      return message.float(2, attribute.value).int(20, 1);
    case "int":
      return message.int(3, attribute.value).int(20, 2);
    case "string":
      return message.text(4, attribute.value).int(20, 3);
    case "tensor":
      return message.with(5, tensorMessage("", attribute.value)).int(20, 4);
    case "graph":
      throw new TypeError("give a branch");
    case "branch":
      return message.with(6, attribute.value).int(20, 5);
    case "floats":
      for (const value of attribute.value) message.float(7, value);
      return message.int(20, 6);
    case "ints":
      for (const value of attribute.value) message.int(8, value);
      return message.int(20, 7);
    case "strings":
      for (const value of attribute.value) message.text(9, value);
      return message.int(20, 8);
  }
}

export interface ForeignNode {
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, ForeignAttribute>>;
}

export interface ForeignValue {
  readonly name: string;
  /** The code of its element type; nothing is said of it without one. */
  readonly code?: number;
  readonly shape?: readonly (number | string)[];
}

/** A value's name with its type. */
export function valueMessage({ name, code, shape }: ForeignValue): Message {
  const value = new Message().text(1, name);
  if (code === undefined) return value;
  const tensor = new Message().int(1, code);
  if (shape) {
    const dims = new Message();
    for (const dim of shape)
      dims.with(1, typeof dim === "number" ? new Message().int(1, dim) : new Message().text(2, dim));
    tensor.with(2, dims);
  }
  return value.with(2, new Message().with(1, tensor));
}

export interface ForeignGraph {
  readonly nodes?: readonly ForeignNode[];
  readonly inputs?: readonly ForeignValue[];
  readonly outputs?: readonly ForeignValue[];
  readonly constants?: Readonly<Record<string, Tensor>>;
}

export function graphMessage({
  nodes = [],
  inputs = [],
  outputs = [],
  constants = {},
}: ForeignGraph): Message {
  const graph = new Message();
  for (const { op, inputs: read = [], outputs: made, attributes = {} } of nodes) {
    const node = new Message();
    for (const name of read) node.text(1, name);
    for (const name of made) node.text(2, name);
    node.text(3, `${op} ${made[0]}`).text(4, op);
    for (const [name, attribute] of Object.entries(attributes))
      node.with(5, attributeMessage(name, attribute));
    graph.with(1, node);
  }
  graph.text(2, "foreign");
  for (const [name, tensor] of Object.entries(constants)) graph.with(5, tensorMessage(name, tensor));
  for (const value of inputs) graph.with(11, valueMessage(value));
  for (const value of outputs) graph.with(12, valueMessage(value));
  return graph;
}
