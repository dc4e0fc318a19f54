import { int64 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { int, type Value } from "../graph.ts";
import { UNNAMED } from "../onnx/schema.ts";
import { squeeze } from "./movement.ts";

/** The extent of an axis, free or not, as int64 `[1]`. */
export function extent(g: GraphBuilder, x: Value, axis: number): Value {
  return g.node({
    op: "Shape",
    inputs: [x],
    attributes: { start: int(axis), end: int(axis + 1) },
    outputs: [{ dtype: "int64", shape: [1] }],
  })[0]!;
}

/** `0, 1, …` up to before `limit` (int64 `[1]`). */
export function range(g: GraphBuilder, limit: Value): Value {
  const [zero, one] = [0, 1].map((value) => g.constant(int64([], [value]))) as [Value, Value];
  return g.node({
    op: "Range",
    inputs: [zero, squeeze(g, limit, [0]), one],
    outputs: [{ dtype: "int64", shape: [UNNAMED] }],
  })[0]!;
}
