import type { Graph, Value } from "../graph/graph.ts";
import type { Engine, Tensors } from "./engine.ts";

/**
 * The graph with the type and shape of every value, found by running it once on `feeds` with all values as outputs:
 * right for every operator, so there is no table of shape rules to keep.
 */
export async function traceShapes(engine: Engine, graph: Graph, feeds: Tensors): Promise<Graph> {
  const names = graph.nodes.flatMap((node) => node.outputs.filter(Boolean));
  // ONNX Runtime infers a declared type that is left out, so untyped values can be asked for as they are.
  const program = await engine.compile({ ...graph, outputs: names.map((name) => graph.values.get(name)!) });
  try {
    const results = await program.run(feeds);
    const values = new Map<string, Value>(graph.values);
    for (const source of [feeds, results])
      for (const [name, { dtype, shape }] of Object.entries(source)) values.set(name, { name, dtype, shape });
    const known = (value: Value): Value => values.get(value.name)!;
    return { ...graph, inputs: graph.inputs.map(known), outputs: graph.outputs.map(known), values };
  } finally {
    await program.dispose();
  }
}
