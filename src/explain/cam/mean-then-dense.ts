import { extract, type Graph, type Node, staticShape } from "../../graph/graph.ts";
import { activationNames, readersOf, reducedAxes } from "../../model/dataflow.ts";
import { gridOf } from "../../model/grid.ts";

/** Operators that leave the numbers as they are, and of these those that leave places apart. */
const passing = /^(Flatten|Reshape|Squeeze|Unsqueeze|Transpose|Identity|Dropout|Cast)$/;
const placing = /^(Transpose|Identity|Dropout|Cast)$/;

/**
 * Whether between two values of the graph there is nothing but the mean over all places and one dense layer (which may be a
 * convolution of the one place left, and may have its bias apart).
 * @param from an activation with places, in any layout
 */
export function isMeanThenDense(whole: Graph, from: string, to: string): boolean {
  const graph = extract(whole, [to]);
  const activations = activationNames(graph);
  const readers = readersOf(graph);
  let stage: "places" | "means" | "scores" = "places";
  for (let name = from; name !== to; ) {
    const [node, ...others] = readers.get(name) ?? [];
    const [output] = node?.outputs ?? [];
    if (!node || !output || others.length > 0) return false;
    if (node.inputs.filter((input) => activations.has(input)).length !== 1) return false;
    if (stage === "places" && isMean(graph, node)) stage = "means";
    else if (stage === "means" && /^(Gemm|MatMul|Conv)$/.test(node.op)) stage = "scores";
    else if (
      !(stage === "places" ? placing : passing).test(node.op) &&
      !(stage === "scores" && node.op === "Add")
    )
      return false;
    name = output;
  }
  return stage === "scores";
}

/** Whether the node takes the mean over all places of what it reads. */
function isMean(graph: Graph, node: Node): boolean {
  const [input] = node.inputs as [string];
  const grid = gridOf(graph, input);
  if (!grid || grid.skip > 0) return false;
  const { layout, height, width } = grid;
  if (node.op === "GlobalAveragePool") return layout === "NCHW";
  if (node.op === "ReduceMean") {
    const places = { NCHW: [2, 3], NHWC: [1, 2], NTC: [staticShape(graph.values.get(input)!).length - 2] }[
      layout
    ];
    return reducedAxes(graph, node)?.toSorted().join() === places.join();
  }
  const { kernel_shape: kernel, pads } = node.attributes;
  return (
    node.op === "AveragePool" &&
    String(kernel?.value) === `${height},${width}` &&
    !/[1-9]/.test(String(pads?.value))
  );
}
