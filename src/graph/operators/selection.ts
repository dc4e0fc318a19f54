import type { GraphBuilder } from "../builder.ts";
import { int, type Value } from "../graph.ts";

/** Place of the largest element along `axis`, the first of equals, as int64; the axis stays as an extent of 1. */
export function argMax(g: GraphBuilder, x: Value, axis: number): Value {
  return g.node({
    op: "ArgMax",
    inputs: [x],
    attributes: { axis: int(axis), keepdims: int(1) },
    outputs: [{ dtype: "int64", shape: x.shape?.with(axis, 1) }],
  })[0]!;
}
