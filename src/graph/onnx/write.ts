import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { bytesOf, type Tensor } from "../../base/tensor.ts";
import type { Attribute, Graph, Initializer, Node, Value } from "../graph.ts";
import {
  attributeCodes,
  attributeFields,
  codeOfDtype,
  EXTERNAL,
  graphFields,
  model,
  nodeFields,
  pairFields,
  tensorFields,
  UNNAMED,
  valueFields,
} from "./schema.ts";
import { freeNames, graphsOf, rebind, splitInputs } from "./subgraphs.ts";

/** The oldest version of the file format that has an operator set: 8 is read by every ONNX Runtime since 1.14. */
const irVersion = (opset: number): number => (opset >= 21 ? 10 : 8);

/** Where a constant's bytes lie outside of the file that is written. */
export interface Place {
  /** A path relative to the file's folder. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface WriteOptions {
  /** Says of a constant that it is written as a place in another file; its bytes are not asked for then. */
  readonly external?: (initializer: Initializer) => Place | undefined;
}

/** The graph as the bytes of an `.onnx` file. */
export function writeOnnx(graph: Graph, { external = () => undefined }: WriteOptions = {}): Uint8Array {
  const w = new BinaryWriter();
  integer(w, model.irVersion, irVersion(graph.opset));
  text(w, model.producerName, "convscope");
  message(w, model.graph, () => writeGraph(w, graph, external));
  for (const [domain, version] of [
    ["", graph.opset] as const,
    ...[...domainsOf(graph)].map((name) => [name, 1] as const),
  ])
    message(w, model.opsetImport, () => {
      if (domain) text(w, pairFields.first, domain);
      integer(w, pairFields.second, version);
    });
  for (const [key, value] of graph.metadata) message(w, model.metadata, () => writePair(w, key, value));
  return w.finish();
}

/** Domains of operators other than ONNX's own, also within branches. */
function domainsOf(graph: Graph): Set<string> {
  const inner = graph.nodes.flatMap((node) => graphsOf(node).flatMap((branch) => [...domainsOf(branch)]));
  return new Set([...graph.nodes.map(({ domain }) => domain).filter(Boolean), ...inner]);
}

type External = NonNullable<WriteOptions["external"]>;

function writeGraph(w: BinaryWriter, graph: Graph, external: External): void {
  const named = new Set<string>();
  for (const node of graph.nodes) {
    let name = node.name;
    // ONNX Runtime refuses two of one name, which a graph made from a file's and our own nodes may have.
    for (let count = 1; named.has(name); count++) name = `${node.name}_${count}`;
    named.add(name);
    message(w, graphFields.node, () => writeNode(w, { ...node, name }, external));
  }
  text(w, graphFields.name, graph.name);
  for (const initializer of graph.initializers.values())
    message(w, graphFields.initializer, () => writeInitializer(w, initializer, external(initializer)));
  for (const value of graph.inputs) message(w, graphFields.input, () => writeValue(w, value));
  for (const value of graph.outputs) message(w, graphFields.output, () => writeValue(w, value, true));
  const ends = new Set([...graph.inputs, ...graph.outputs].map((value) => value.name));
  for (const value of graph.values.values())
    if (!ends.has(value.name) && !graph.initializers.has(value.name) && value.shape)
      message(w, graphFields.valueInfo, () => writeValue(w, value));
}

function writeNode(w: BinaryWriter, node: Node, external: External): void {
  // What its graphs read from around it goes without saying in a file.
  const { own, captured } = splitInputs(node);
  const names = new Map(freeNames(graphsOf(node)).map((name, index) => [name, captured[index]!]));
  for (const name of own) text(w, nodeFields.input, name);
  for (const name of node.outputs) text(w, nodeFields.output, name);
  text(w, nodeFields.name, node.name);
  text(w, nodeFields.op, node.op);
  for (const [name, attribute] of Object.entries(node.attributes))
    message(w, nodeFields.attribute, () => {
      text(w, attributeFields.name, name);
      if (attribute.type === "graph")
        message(w, attributeFields.g, () => writeGraph(w, rebind(attribute.value, names), external));
      else writeAttribute(w, attribute);
      integer(w, attributeFields.type, attributeCodes[attribute.type]);
    });
  if (node.domain) text(w, nodeFields.domain, node.domain);
}

function writeAttribute(w: BinaryWriter, attribute: Exclude<Attribute, { type: "graph" }>): void {
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
      message(w, attributeFields.t, () => {
        writeTensorType(w, attribute.value);
        bytes(w, tensorFields.rawData, bytesOf(attribute.value));
      });
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
}

function writeTensorType(w: BinaryWriter, { dtype, shape }: Pick<Tensor, "dtype" | "shape">): void {
  for (const extent of shape) integer(w, tensorFields.dims, extent);
  integer(w, tensorFields.dataType, codeOfDtype.get(dtype)!);
}

function writeInitializer(w: BinaryWriter, initializer: Initializer, place: Place | undefined): void {
  writeTensorType(w, initializer);
  text(w, tensorFields.name, initializer.name);
  if (!place) {
    bytes(w, tensorFields.rawData, initializer.bytes);
    return;
  }
  for (const [key, value] of Object.entries(place))
    message(w, tensorFields.externalData, () => writePair(w, key, `${value}`));
  integer(w, tensorFields.dataLocation, EXTERNAL);
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
              : dim !== UNNAMED && text(w, valueFields.dimParam, dim),
          );
      });
    }),
  );
}

function writePair(w: BinaryWriter, key: string, value: string): void {
  text(w, pairFields.first, key);
  text(w, pairFields.second, value);
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

function bytes(w: BinaryWriter, field: number, value: Uint8Array): void {
  w.tag(field, WireType.LengthDelimited).bytes(value);
}
