import { sizeOf } from "../base/tensor.ts";
import type { Graph, Node, Value } from "../graph/graph.ts";

/** From so many rows on a matrix product gains more from packed weights than it takes to pack them. */
const ROWS = 8;

/**
 * Whether ONNX Runtime should pack the weights of matrix products for its kernels ("prepacking"). A single row, as the dense layers
 * of a convnet meet for one picture, reads each weight but once, packed or not; for VGG16 that is a second and a third copy of 494 MB and
 * most of the time until the first result. The tokens of a transformer gain a tenth from it.
 */
export function packsWeights({ nodes, initializers, values }: Graph): boolean {
  let [few, many] = [0, 0];
  for (const node of nodes) {
    const [left, weight] = [values.get(node.inputs[0] ?? ""), initializers.get(node.inputs[1] ?? "")];
    if (!left || !weight || !["Gemm", "MatMul"].includes(node.op)) continue;
    const size = sizeOf(weight.shape);
    if (rowsOf(node, left) < ROWS) few += size;
    else many += size;
  }
  return many >= few;
}

/** Rows of a product's left side; those of free extents may be many. */
function rowsOf({ op, attributes }: Node, { shape = [] }: Value): number {
  const turned = op === "Gemm" && attributes.transA?.value === 1;
  const rows = turned ? shape.slice(1) : shape.slice(0, -1);
  return rows.reduce<number>((product, extent) => product * (typeof extent === "number" ? extent : ROWS), 1);
}
