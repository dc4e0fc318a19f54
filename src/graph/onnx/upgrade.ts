import { bytesOf, int64 } from "../../base/tensor.ts";
import { type Attributes, type Graph, type Initializer, int, type Node } from "../graph.ts";

/** What an upgrade may add to the graph. */
interface Additions {
  /** A vector of whole numbers as a constant; its name. */
  constant(node: Node, role: string, numbers: readonly number[]): string;
}

/** Brings a node from before operator set `since` to the form that it has from there on. */
interface Upgrade {
  readonly since: number;
  readonly rewrite: (node: Node, additions: Additions) => Node;
}

const without = (attributes: Attributes, name: string): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name));

/** An attribute of whole numbers that became the input at `index`. */
const attributeToInput =
  (name: string, index: number): Upgrade["rewrite"] =>
  (node, additions) => {
    const attribute = node.attributes[name];
    if (attribute?.type !== "ints") return node;
    const inputs = Array.from(
      { length: Math.max(index, node.inputs.length) },
      (_, at) => node.inputs[at] ?? "",
    );
    inputs[index] = additions.constant(node, name, attribute.value);
    return { ...node, inputs, attributes: without(node.attributes, name) };
  };

const reduction: Upgrade = { since: 18, rewrite: attributeToInput("axes", 1) };

/** Equal parts used to go without saying. */
const split: Upgrade["rewrite"] = (node) =>
  node.inputs[1] || node.attributes.split
    ? node
    : { ...node, attributes: { ...node.attributes, num_outputs: int(node.outputs.length) } };

/** Changes of operators that older files have in their former shape, in the order in which they came. */
const upgrades: Readonly<Record<string, readonly Upgrade[]>> = {
  ReduceL1: [reduction],
  ReduceL2: [reduction],
  ReduceLogSum: [reduction],
  ReduceLogSumExp: [reduction],
  ReduceMax: [reduction],
  ReduceMean: [reduction],
  ReduceMin: [reduction],
  ReduceProd: [reduction],
  ReduceSumSquare: [reduction],
  Split: [{ since: 18, rewrite: split }],
};

/** The graph of a file of operator set `opset` in the forms of the set that ours are written in. */
export function upgrade(graph: Graph, opset: number): Graph {
  const initializers = new Map(graph.initializers);
  const values = new Map(graph.values);
  const additions: Additions = {
    constant(node, role, numbers) {
      const name = `${node.outputs[0]}/${role}`;
      const tensor = int64([numbers.length], numbers);
      const initializer: Initializer = { name, dtype: "int64", shape: tensor.shape, bytes: bytesOf(tensor) };
      initializers.set(name, initializer);
      values.set(name, { name, dtype: "int64", shape: tensor.shape });
      return name;
    },
  };
  const nodes = graph.nodes.map((node) => {
    if (node.domain) return node;
    return (upgrades[node.op] ?? [])
      .filter(({ since }) => opset < since)
      .reduce((changed, { rewrite }) => rewrite(changed, additions), node);
  });
  return { ...graph, nodes, initializers, values };
}
