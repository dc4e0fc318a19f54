import { int64 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { int, type Shape, type Value } from "../graph.ts";

/** Axes counted from the front. */
export function positiveAxes(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

function reducedShape(shape: Shape | undefined, axes: readonly number[], keep: boolean): Shape | undefined {
  if (!shape) return undefined;
  const gone = new Set(positiveAxes(axes, shape.length));
  return shape.flatMap((dim, axis) => (gone.has(axis) ? (keep ? [1] : []) : [dim]));
}

type Reduce = (g: GraphBuilder, x: Value, axes: readonly number[], keep?: boolean) => Value;

const reduce =
  (op: string): Reduce =>
  (g, x, axes, keep = false) => {
    // To ONNX no axes are all.
    if (axes.length === 0) return x;
    return g.node({
      op,
      inputs: [x, g.constant(int64([axes.length], axes))],
      attributes: { keepdims: int(Number(keep)) },
      outputs: [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keep) }],
    })[0]!;
  };

/** Sum over `axes`; they stay as extents of 1 if `keep`. */
export const reduceSum: Reduce = reduce("ReduceSum");
/** Mean over `axes`; they stay as extents of 1 if `keep`. */
export const reduceMean: Reduce = reduce("ReduceMean");
/** Maximum over `axes`; they stay as extents of 1 if `keep`. */
export const reduceMax: Reduce = reduce("ReduceMax");
/** Minimum over `axes`; they stay as extents of 1 if `keep`. */
export const reduceMin: Reduce = reduce("ReduceMin");
/** Product over `axes`; they stay as extents of 1 if `keep`. */
export const reduceProd: Reduce = reduce("ReduceProd");
/** `Σ |x|` over `axes`; they stay as extents of 1 if `keep`. */
export const reduceL1: Reduce = reduce("ReduceL1");
/** `√Σ x²` over `axes`; they stay as extents of 1 if `keep`. */
export const reduceL2: Reduce = reduce("ReduceL2");
/** `Σ x²` over `axes`; they stay as extents of 1 if `keep`. */
export const reduceSumSquare: Reduce = reduce("ReduceSumSquare");

/** Running sums along `axis`: each with its own term unless `exclusive`; from the end if `reverse`. */
export function cumSum(
  g: GraphBuilder,
  x: Value,
  axis: number,
  { exclusive = false, reverse = false }: { exclusive?: boolean; reverse?: boolean } = {},
): Value {
  return g.node({
    op: "CumSum",
    inputs: [x, g.constant(int64([], [axis]))],
    attributes: { exclusive: int(Number(exclusive)), reverse: int(Number(reverse)) },
    outputs: [{ dtype: x.dtype, shape: x.shape }],
  })[0]!;
}
