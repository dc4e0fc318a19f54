import { type Graph, initializerTensor, type Node } from "../graph/graph.ts";

/** Names of the values that depend on the picture. All others are constants, though some are computed from weights. */
export function activationNames({ inputs, nodes }: Graph): Set<string> {
  const names = new Set(inputs.map(({ name }) => name));
  for (const node of nodes)
    if (node.inputs.some((name) => names.has(name))) for (const name of node.outputs) names.add(name);
  names.delete("");
  return names;
}

/** The nodes that read each value. */
export function readersOf({ nodes }: Graph): Map<string, Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs)) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  return readers;
}

/** The axes that a reduction takes, counted from the front; undefined where the graph computes them. */
export function reducedAxes(graph: Graph, node: Node): number[] | undefined {
  const rank = graph.values.get(node.inputs[0]!)?.shape?.length ?? 0;
  const [, name] = node.inputs;
  if (!name) return Array.from({ length: rank }, (_, axis) => axis);
  const axes = numbersOf(graph, name);
  return axes?.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** The elements of a constant; undefined for what is none. */
export function numbersOf({ initializers }: Graph, name: string | undefined): number[] | undefined {
  const constant = initializers.get(name ?? "");
  return constant && [...initializerTensor(constant).data].map(Number);
}
