import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { bytesOf, type Tensor } from "../../base/tensor.ts";
import type { Attribute, Graph, Node, Value } from "../graph.ts";
import {
  attributeCodes,
  attributeFields,
  codeOfDtype,
  graphFields,
  model,
  nodeFields,
  pairFields,
  tensorFields,
  valueFields,
} from "./schema.ts";

/** The oldest version of the file format that has an operator set: 8 is read by every ONNX Runtime since 1.14. */
const irVersion = (opset: number): number => (opset >= 21 ? 10 : 8);

/** The graph as the bytes of an `.onnx` file. */
export function writeOnnx(graph: Graph): Uint8Array {
  const w = new BinaryWriter();
  integer(w, model.irVersion, irVersion(graph.opset));
  text(w, model.producerName, "convscope");
  message(w, model.graph, () => {
    for (const node of graph.nodes) message(w, graphFields.node, () => writeNode(w, node));
    text(w, graphFields.name, graph.name);
    for (const { name, dtype, shape, bytes } of graph.initializers.values())
      message(w, graphFields.initializer, () => writeTensor(w, dtype, shape, bytes, name));
    for (const value of graph.inputs) message(w, graphFields.input, () => writeValue(w, value));
    for (const value of graph.outputs) message(w, graphFields.output, () => writeValue(w, value, true));
    const ends = new Set([...graph.inputs, ...graph.outputs].map((value) => value.name));
    for (const value of graph.values.values())
      if (!ends.has(value.name) && !graph.initializers.has(value.name) && value.shape)
        message(w, graphFields.valueInfo, () => writeValue(w, value));
  });
  const domains = new Set(graph.nodes.map((node) => node.domain).filter(Boolean));
  for (const [domain, version] of [
    ["", graph.opset] as const,
    ...[...domains].map((name) => [name, 1] as const),
  ])
    message(w, model.opsetImport, () => {
      if (domain) text(w, pairFields.first, domain);
      integer(w, pairFields.second, version);
    });
  for (const [key, value] of graph.metadata)
    message(w, model.metadata, () => {
      text(w, pairFields.first, key);
      text(w, pairFields.second, value);
    });
  return w.finish();
}

function writeNode(w: BinaryWriter, node: Node): void {
  for (const name of node.inputs) text(w, nodeFields.input, name);
  for (const name of node.outputs) text(w, nodeFields.output, name);
  text(w, nodeFields.name, node.name);
  text(w, nodeFields.op, node.op);
  for (const [name, attribute] of Object.entries(node.attributes))
    message(w, nodeFields.attribute, () => writeAttribute(w, name, attribute));
  if (node.domain) text(w, nodeFields.domain, node.domain);
}

function writeAttribute(w: BinaryWriter, name: string, attribute: Attribute): void {
  text(w, attributeFields.name, name);
  switch (attribute.type) {
    case "float":
      w.tag(attributeFields.f, WireType.Bit32).float(attribute.value);
      break;
    case "int":
      integer(w, attributeFields.i, attribute.value);
      break;
    case "string":
      text(w, attributeFields.s, attribute.value);
      break;
    case "tensor":
      message(w, attributeFields.t, () => writeTensorValue(w, attribute.value));
      break;
    case "floats":
      for (const value of attribute.value) w.tag(attributeFields.floats, WireType.Bit32).float(value);
      break;
    case "ints":
      for (const value of attribute.value) integer(w, attributeFields.ints, value);
      break;
    case "strings":
      for (const value of attribute.value) text(w, attributeFields.strings, value);
  }
  integer(w, attributeFields.type, attributeCodes[attribute.type]);
}

function writeTensorValue(w: BinaryWriter, value: Tensor): void {
  writeTensor(w, value.dtype, value.shape, bytesOf(value));
}

function writeTensor(
  w: BinaryWriter,
  dtype: Tensor["dtype"],
  shape: readonly number[],
  bytes: Uint8Array,
  name?: string,
): void {
  for (const extent of shape) integer(w, tensorFields.dims, extent);
  integer(w, tensorFields.dataType, codeOfDtype.get(dtype)!);
  if (name !== undefined) text(w, tensorFields.name, name);
  w.tag(tensorFields.rawData, WireType.LengthDelimited).bytes(bytes);
}

function writeValue(w: BinaryWriter, value: Value, inferable = false): void {
  text(w, valueFields.name, value.name);
  // Where we don't know, neither type nor shape is said, and ONNX Runtime infers both.
  if (inferable && !value.shape) return;
  message(w, valueFields.type, () =>
    message(w, valueFields.tensorType, () => {
      integer(w, valueFields.elementType, codeOfDtype.get(value.dtype)!);
      if (!value.shape) return;
      const shape = value.shape;
      message(w, valueFields.shape, () => {
        for (const dim of shape)
          message(w, valueFields.dim, () =>
            typeof dim === "number"
              ? integer(w, valueFields.dimValue, dim)
              : text(w, valueFields.dimParam, dim),
          );
      });
    }),
  );
}

function message(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write();
  w.join();
}

function integer(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value);
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}
