import { bytesOf, sizeOf } from "../base/tensor.ts";
import type { Graph, Node, Value } from "../graph/graph.ts";
import { inlineBranches } from "../graph/onnx/inline.ts";
import type { Engine, Tensors } from "./engine.ts";

/**
 * The graph with the type and shape of every value, found by running it once on `feeds` with all values as outputs:
 * right for every operator, so there is no table of shape rules to keep. What follows from shapes alone becomes a
 * constant, as gradient rules want axes, pads and scales as numbers; an If that this decides becomes its branch.
 */
export async function traceShapes(engine: Engine, graph: Graph, feeds: Tensors): Promise<Graph> {
  const names = graph.nodes.flatMap((node) => node.outputs.filter(Boolean));
  // ONNX Runtime infers a declared type that is left out, so untyped values can be asked for as they are.
  const program = await engine.compile(
    { ...graph, outputs: names.map((name) => graph.values.get(name)!) },
    { once: true },
  );
  try {
    const results = await program.run(feeds);
    const values = new Map<string, Value>(graph.values);
    for (const source of [feeds, results])
      for (const [name, { dtype, shape }] of Object.entries(source)) values.set(name, { name, dtype, shape });
    const known = (value: Value): Value => values.get(value.name)!;
    const traced = {
      ...withConstants(graph, results),
      inputs: graph.inputs.map(known),
      outputs: graph.outputs.map(known),
      values,
    };
    const inlined = inlineBranches(traced);
    // What is in a branch that is taken has shapes of its own, from which more may follow.
    return inlined === traced ? traced : await traceShapes(engine, inlined, feeds);
  } finally {
    await program.dispose();
  }
}

/**
 * Nodes that compute whole numbers, or vectors of real ones, from shapes, whole numbers, single constants and scales alone
 * replaced by their results. Other floating-point constants are weights: what is made of them must still follow them.
 */
function withConstants(graph: Graph, results: Tensors): Graph {
  const initializers = new Map(graph.initializers);
  const scales = behindScales(graph.nodes);
  const plain = [...graph.initializers.values()].filter(
    ({ name, dtype, shape }) => !dtype.startsWith("float") || sizeOf(shape) === 1 || scales.has(name),
  );
  const fixed = new Set(["", ...plain.map(({ name }) => name)]);
  const asked = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.filter((node) => {
    const outputs = node.outputs.filter(Boolean);
    const follows =
      ["Constant", "Shape", "Size"].includes(node.op) ||
      (node.inputs.length > 0 && node.inputs.every((name) => fixed.has(name)));
    const large = (name: string): boolean =>
      results[name]!.dtype.startsWith("float") && results[name]!.shape.length > 1;
    if (!follows || outputs.some((name) => asked.has(name) || large(name))) return true;
    for (const name of outputs) {
      const { dtype, shape } = results[name]!;
      initializers.set(name, { name, dtype, shape, bytes: bytesOf(results[name]!) });
      fixed.add(name);
    }
    return false;
  });
  return { ...graph, nodes, initializers };
}

/** Names of what the scales of a Resize are made of: the only vectors of real numbers that no gradient flows to. */
function behindScales(nodes: readonly Node[]): Set<string> {
  const names = new Set(nodes.flatMap((node) => (node.op === "Resize" ? node.inputs.slice(1) : [])));
  for (const node of nodes.toReversed())
    if (node.op !== "Shape" && node.outputs.some((name) => names.has(name)))
      for (const name of node.inputs) names.add(name);
  return names;
}
