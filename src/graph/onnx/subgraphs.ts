import type { Graph, Node } from "../graph.ts";

/** The graphs in a node's attributes, such as the branches of an If. */
export const graphsOf = (node: Node): Graph[] =>
  Object.values(node.attributes).flatMap((attribute) =>
    attribute.type === "graph" ? [attribute.value] : [],
  );

/** The node with its graphs exchanged. */
export function withGraphs(node: Node, exchange: (graph: Graph) => Graph): Node {
  if (graphsOf(node).length === 0) return node;
  const attributes = Object.entries(node.attributes).map(([name, attribute]) => [
    name,
    attribute.type === "graph" ? { type: "graph", value: exchange(attribute.value) } : attribute,
  ]);
  return { ...node, attributes: Object.fromEntries(attributes) };
}

/** Names of what graphs read and do not make, in order of appearance. */
export function freeNames(graphs: readonly Graph[]): string[] {
  const free = new Set<string>();
  for (const graph of graphs) {
    const made = new Set(["", ...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
    for (const node of graph.nodes) for (const name of node.outputs) made.add(name);
    const read = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ name }) => name)];
    for (const name of read) if (!made.has(name)) free.add(name);
  }
  return [...free];
}

/** The node's inputs apart: its own, and those that only the graphs in its attributes read. */
export function splitInputs(node: Node): { own: readonly string[]; captured: readonly string[] } {
  const count = node.inputs.length - freeNames(graphsOf(node)).length;
  return { own: node.inputs.slice(0, count), captured: node.inputs.slice(count) };
}

/** The node with its graphs exchanged for ones that read no more than they do; its inputs follow. */
export function exchangeGraphs(node: Node, exchange: (graph: Graph) => Graph): Node {
  const before = graphsOf(node);
  if (before.length === 0) return node;
  const { own, captured } = splitInputs(node);
  const outer = new Map(freeNames(before).map((name, index) => [name, captured[index]!]));
  const exchanged = withGraphs(node, exchange);
  if (graphsOf(exchanged).every((graph, at) => graph === before[at])) return node;
  return {
    ...exchanged,
    inputs: [...own, ...freeNames(graphsOf(exchanged)).map((name) => outer.get(name)!)],
  };
}

/** The graph with what it reads from around it, `freeNames`, called by other names. */
export function rebind(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const outside = new Map(
    freeNames([graph]).flatMap((name) => {
      const other = names.get(name);
      return other === undefined || other === name ? [] : [[name, other]];
    }),
  );
  if (outside.size === 0) return graph;
  const swap = (name: string): string => outside.get(name) ?? name;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({
      ...withGraphs(node, (inner) => rebind(inner, outside)),
      inputs: node.inputs.map(swap),
    })),
    outputs: graph.outputs.map((value) => ({ ...value, name: swap(value.name) })),
  };
}
