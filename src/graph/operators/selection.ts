import { int64 } from "../../base/tensor.ts";
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

/** The `k` smallest elements along `axis`, in ascending order. */
export function smallest(g: GraphBuilder, x: Value, k: number, axis: number): Value {
  const shape = x.shape?.with(axis, k);
  return g.node({
    op: "TopK",
    inputs: [x, g.constant(int64([1], [k]))],
    attributes: { axis: int(axis), largest: int(0) },
    outputs: [
      { dtype: x.dtype, shape },
      { dtype: "int64", shape },
    ],
  })[0]!;
}
