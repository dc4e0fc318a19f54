import { GraphBuilder } from "./builder.ts";
import type { Graph, Value } from "./graph.ts";

/**
 * The graph with nodes before its input `name`.
 * @param write adds them, with inputs of their own, and returns what takes the input's place
 */
export function precededBy(graph: Graph, name: string, write: (g: GraphBuilder) => Value): Graph {
  const values = new Map(graph.values);
  values.delete(name);
  const inputs = graph.inputs.filter((input) => input.name !== name);
  const g = new GraphBuilder({ ...graph, inputs, nodes: [], values });
  g.rename(write(g), name);
  for (const node of graph.nodes) g.append(node);
  return g.finish(graph.name, Object.fromEntries(graph.outputs.map((output) => [output.name, output])));
}
