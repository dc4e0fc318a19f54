import { int64 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { string, type Value } from "../graph.ts";

/** Maps `[N, C, h, w]` at another size, bilinearly between pixel centres, as `resizeMap` does it outside of graphs. */
export function enlarge(g: GraphBuilder, x: Value, height: number, width: number): Value {
  const shape = [x.shape![0]!, x.shape![1]!, height, width];
  return g.node({
    op: "Resize",
    inputs: [x, undefined, undefined, g.constant(int64([4], shape as number[]))],
    attributes: { mode: string("linear"), coordinate_transformation_mode: string("half_pixel") },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}
