import { attribute } from "../../autodiff/rule.ts";
import { sizeOf } from "../../base/tensor.ts";
import { type Graph, type Node, producers, staticShape } from "../../graph/graph.ts";
import { activationNames, readersOf } from "../../model/dataflow.ts";

/** Nodes that become one layer. */
export interface Unit {
  /** The node that does the work. */
  readonly node: Node;
  /** Its operator, or `SiLU` for `x · sigmoid(x)`. */
  readonly op: string;
  /** A constant that is added behind it. */
  readonly bias?: string;
  /** The function that its layer ends in, by Keras's name. */
  readonly activation?: string;
  /** The value that comes out of it. */
  readonly output: string;
}

/** Operators whose layers add a bias and end in a function. */
const weighing = new Set(["Conv", "Gemm", "MatMul"]);

/** Functions that a layer may end in, by operator. */
const functions: Readonly<Record<string, string>> = {
  Relu: "relu",
  Sigmoid: "sigmoid",
  Softmax: "softmax",
  Tanh: "tanh",
};

/**
 * The nodes that depend on the picture, in running order, those that make one layer together as one. What makes the graph's output of its
 * last layer's scores belongs to that layer.
 * @param isLayer whether people know a value as what a layer gives, so that no layer goes on behind it
 */
export function unitsOf(graph: Graph, isLayer: (value: string) => boolean): Unit[] {
  const activations = activationNames(graph);
  const readers = readersOf(graph);
  const asked = new Set(graph.outputs.map(({ name }) => name));
  const last = lastNode(graph);
  const inside = new Set<Node>();

  /** The only node that reads a value which nobody else asks for. */
  const readerOf = (value: string): Node | undefined => {
    const [reader, ...others] = readers.get(value) ?? [];
    return others.length > 0 || asked.has(value) ? undefined : reader;
  };
  const outputOf = (node: Node): string => {
    inside.add(node);
    return node.outputs[0]!;
  };
  const extents = (value: string): readonly number[] => staticShape(graph.values.get(value)!);

  const silu = (node: Node): Unit | undefined => {
    const product = node.op === "Sigmoid" ? readerOf(node.outputs[0]!) : undefined;
    if (product?.op !== "Mul" || !product.inputs.includes(node.inputs[0]!)) return undefined;
    return { node, op: "SiLU", output: outputOf(product) };
  };

  const weighed = (node: Node): Unit => {
    const unit: Unit = { node, op: node.op, output: node.outputs[0]! };
    const add = node.inputs[2] ? undefined : readerOf(unit.output);
    const bias = add?.inputs.find((name) => !activations.has(name));
    if (add?.op !== "Add" || bias === undefined) return unit;
    const features = extents(unit.output).at(node.op === "Conv" ? 1 : -1);
    const along = extents(bias).at(node.op === "Conv" ? -3 : -1);
    if (sizeOf(extents(bias)) !== features || along !== features) return unit;
    return { ...unit, bias, output: outputOf(add) };
  };

  const ended = (unit: Unit): Unit => {
    const next = readerOf(unit.output);
    if (!next || (isLayer(unit.output) && next !== last)) return unit;
    const activation = functions[next.op];
    const alongFeatures = extents(unit.output).length === 2 && [1, -1].includes(attribute(next, "axis", -1));
    if (!activation || (next.op === "Softmax" && !alongFeatures)) return unit;
    return { ...unit, activation, output: outputOf(next) };
  };

  return graph.nodes.flatMap((node) => {
    if (inside.has(node) || !node.outputs.some((name) => activations.has(name))) return [];
    if (weighing.has(node.op)) return ended(weighed(node));
    return silu(node) ?? { node, op: node.op, output: node.outputs[0]! };
  });
}

/** The node that makes the graph's output, but for its name. */
function lastNode(graph: Graph): Node | undefined {
  const made = producers(graph);
  let node = made.get(graph.outputs[0]!.name);
  while (node?.op === "Identity") node = made.get(node.inputs[0]!);
  return node;
}
