import { int64, sizeOf } from "../base/tensor.ts";
import { type Graph, initializerOf, int, type Node } from "../graph/graph.ts";

/** Places from which a mean is taken another way. */
const MANY = 1024;

/**
 * The graph with means over many places by ReduceMean: ONNX Runtime's GlobalAveragePool adds place after place to one float32, which
 * over 300 × 300 is off by 4·10⁻⁶, eight times as much.
 */
export function withPreciseMeans(graph: Graph): Graph {
  const isLarge = ({ op, domain, inputs }: Node): boolean => {
    const shape = graph.values.get(inputs[0]!)?.shape?.slice(2);
    const places = shape?.every((extent) => typeof extent === "number") ? sizeOf(shape as number[]) : 0;
    return op === "GlobalAveragePool" && domain === "" && places >= MANY;
  };
  if (!graph.nodes.some(isLarge)) return graph;
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.map((node) => {
    if (!isLarge(node)) return node;
    const name = `${node.outputs[0]}/places`;
    const rank = graph.values.get(node.inputs[0]!)!.shape!.length;
    const axes = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
    initializers.set(name, initializerOf(name, int64([axes.length], axes)));
    return { ...node, op: "ReduceMean", inputs: [node.inputs[0]!, name], attributes: { keepdims: int(1) } };
  });
  return { ...graph, nodes, initializers };
}
