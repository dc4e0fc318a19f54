import { int64 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { int, ints, type Shape, type Value } from "../graph.ts";

/** Axes counted from the front. */
export function positiveAxes(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

function reducedShape(shape: Shape | undefined, axes: readonly number[], keep: boolean): Shape | undefined {
  if (!shape) return undefined;
  const gone = new Set(positiveAxes(axes, shape.length));
  return shape.flatMap((dim, axis) => (gone.has(axis) ? (keep ? [1] : []) : [dim]));
}

/** Sum over `axes`; they stay as extents of 1 if `keep`. */
export function reduceSum(g: GraphBuilder, x: Value, axes: readonly number[], keep = false): Value {
  return g.node({
    op: "ReduceSum",
    inputs: [x, g.constant(int64([axes.length], axes))],
    attributes: { keepdims: int(Number(keep)) },
    outputs: [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keep) }],
  })[0]!;
}

const reduceByAttribute =
  (op: string): typeof reduceSum =>
  (g, x, axes, keep = false) =>
    g.node({
      op,
      inputs: [x],
      attributes: { axes: ints(axes), keepdims: int(Number(keep)) },
      outputs: [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keep) }],
    })[0]!;

export const reduceMean: typeof reduceSum = reduceByAttribute("ReduceMean");
export const reduceMax: typeof reduceSum = reduceByAttribute("ReduceMax");
