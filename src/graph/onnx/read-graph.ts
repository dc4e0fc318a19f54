import type { BinaryReader } from "@bufbuild/protobuf/wire";
import { UserError } from "../../base/errors.ts";
import { float32, int64, type Tensor } from "../../base/tensor.ts";
import {
  type Attribute,
  type Attributes,
  type Graph,
  type Initializer,
  initializerOf,
  initializerTensor,
  type Node,
  OPSET,
  type Value,
} from "../graph.ts";
import { inFloat32 } from "./elements.ts";
import { type Input, readTensor, type StoredTensor } from "./read-tensor.ts";
import { readInput, readValue } from "./read-value.ts";
import { attributeCodes, attributeFields, graphFields, nodeFields } from "./schema.ts";
import { canonical, each, nested, repeated, saturated } from "./wire.ts";

/** Graphs within graphs. ONNX Runtime's own reader ends at about as many. */
const DEEPEST = 32;

/** A graph as the file has it, but for Constant nodes, which are initializers by another name. */
export function readGraph(r: BinaryReader, input: Input, end: number, depth = 1): Graph {
  if (depth > DEEPEST) throw new UserError(`graphs in it are nested more than ${DEEPEST} deep.`);
  const nodes: Node[] = [];
  const declared: Value[] = [];
  const outputs: Value[] = [];
  const initializers = new Map<string, Initializer>();
  const values = new Map<string, Value>();
  let name = "";
  const constant = (initializer: Initializer): void => {
    if (initializers.has(initializer.name))
      throw new UserError(`the value "${initializer.name}" is made twice; export the model again.`);
    initializers.set(initializer.name, initializer);
  };
  each(r, end, (field) => {
    if (field === graphFields.node) {
      const node = readNode(r, input, nested(r), depth);
      if ("op" in node) nodes.push(node);
      else constant(node);
    } else if (field === graphFields.name) name = r.string();
    else if (field === graphFields.initializer) {
      const tensor = readTensor(r, input, nested(r));
      constant(tensor.as(tensor.name));
    } else if (field === graphFields.sparseInitializer)
      throw new UserError("it has sparse weights, which cannot be read; export it with dense ones.");
    else if (field === graphFields.input) declared.push(readInput(r, nested(r)));
    else if (field === graphFields.output) outputs.push(readValue(r, nested(r)));
    else if (field === graphFields.valueInfo) {
      const value = readValue(r, nested(r));
      values.set(value.name, value);
    } else return false;
    return true;
  });
  for (const { name: key, dtype, shape } of initializers.values())
    values.set(key, { name: key, dtype, shape });
  const inputs = declared.filter((value) => !initializers.has(value.name));
  for (const value of [...inputs, ...outputs])
    if (!initializers.has(value.name)) values.set(value.name, value);
  for (const node of nodes)
    for (const output of node.outputs)
      if (output && !values.has(output))
        values.set(output, { name: output, dtype: "float32", shape: undefined });
  return { name, opset: OPSET, inputs, outputs, nodes, initializers, values, metadata: new Map() };
}

/** A node, or the constant that a Constant node is by another name. */
function readNode(r: BinaryReader, input: Input, end: number, depth: number): Node | Initializer {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const read: [string, Attribute | StoredTensor][] = [];
  let [name, op, domain] = ["", "", ""];
  each(r, end, (field) => {
    if (field === nodeFields.input) inputs.push(r.string());
    else if (field === nodeFields.output) outputs.push(r.string());
    else if (field === nodeFields.name) name = r.string();
    else if (field === nodeFields.op) op = r.string();
    else if (field === nodeFields.domain) domain = canonical(r.string());
    else if (field === nodeFields.attribute) read.push(readAttribute(r, input, nested(r), depth));
    else return false;
    return true;
  });
  const value = op === "Constant" && domain === "" ? constantOf(read, outputs[0] || name) : undefined;
  if (value) return value;
  const attributes: Attributes = Object.fromEntries(
    read.map(([key, attribute]) => [
      key,
      "as" in attribute
        ? { type: "tensor", value: initializerTensor(attribute.as(attribute.name)) }
        : attribute,
    ]),
  );
  return {
    name: name || outputs[0] || op,
    op,
    domain,
    inputs,
    outputs,
    attributes: domain === "" ? inFloat32(attributes) : attributes,
  };
}

/** What a Constant node holds, in any of its forms but text. */
function constantOf(
  attributes: readonly (readonly [string, Attribute | StoredTensor])[],
  name: string,
): Initializer | undefined {
  const [, value] = attributes[0] ?? [];
  if (!value) return undefined;
  if ("as" in value) return value.as(name);
  const tensor = numbersOf(value);
  return tensor && initializerOf(name, tensor);
}

function numbersOf(attribute: Attribute): Tensor | undefined {
  switch (attribute.type) {
    case "int":
      return int64([], [attribute.value]);
    case "ints":
      return int64([attribute.value.length], attribute.value);
    case "float":
      return float32([], [attribute.value]);
    case "floats":
      return float32([attribute.value.length], attribute.value);
    default:
      return undefined;
  }
}

const attributeTypes = new Map(
  Object.entries(attributeCodes).map(([type, code]) => [code, type as Attribute["type"]]),
);

function readAttribute(
  r: BinaryReader,
  input: Input,
  end: number,
  depth: number,
): [string, Attribute | StoredTensor] {
  const strings: string[] = [];
  let [name, i, f, code] = ["", 0, 0, 0];
  const ints: number[] = [];
  const floats: number[] = [];
  let tensor: StoredTensor | undefined;
  let graph: Graph | undefined;
  each(r, end, (field, wire) => {
    if (field === attributeFields.name) name = r.string();
    else if (field === attributeFields.f) f = r.float();
    else if (field === attributeFields.i) i = saturated(r);
    else if (field === attributeFields.s || field === attributeFields.strings) strings.push(r.string(false));
    else if (field === attributeFields.t) tensor = readTensor(r, input, nested(r));
    else if (field === attributeFields.g) graph = readGraph(r, input, nested(r), depth + 1);
    else if (field === attributeFields.floats) repeated(r, wire, () => floats.push(r.float()));
    else if (field === attributeFields.ints) repeated(r, wire, () => ints.push(saturated(r)));
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
      if (tensor) return [name, tensor];
      break;
    case "graph":
      if (graph) return [name, { type: "graph", value: graph }];
      break;
    case "floats":
      return [name, { type: "floats", value: floats }];
    case "ints":
      return [name, { type: "ints", value: ints }];
    case "strings":
      return [name, { type: "strings", value: strings }];
  }
  throw new UserError(`the attribute "${name}" has a type (${code}) that cannot be read.`);
}
