import { int64, scalar } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { type Dim, int, ints, type Shape, string, type Value } from "../graph.ts";
import { broadcastShape } from "./elementwise.ts";
import { positiveAxes } from "./reductions.ts";

function move(
  g: GraphBuilder,
  op: string,
  inputs: (Value | undefined)[],
  shape: Shape | undefined,
  attributes = {},
): Value {
  return g.node({ op, inputs, attributes, outputs: [{ dtype: inputs[0]!.dtype, shape }] })[0]!;
}

const sameShape = (a: Shape | undefined, b: Shape): boolean =>
  a?.length === b.length && a.every((dim, axis) => dim === b[axis]);

const vector = (g: GraphBuilder, values: readonly number[]): Value =>
  g.constant(int64([values.length], values));

/** The same elements under another shape; the first extent may be free, which is written as 0 (keep). */
export function reshape(g: GraphBuilder, x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const extents = shape.map((dim, axis) => {
    if (typeof dim === "number") return dim;
    if (x.shape?.[axis] !== dim) throw new Error(`a reshape cannot move the free extent "${dim}"`);
    return 0;
  });
  return move(g, "Reshape", [x, vector(g, extents)], shape);
}

/** `[d0, …, dn] → [d0·…·d(axis−1), d(axis)·…·dn]`. */
export function flatten(g: GraphBuilder, x: Value, axis = 1): Value {
  const product = (dims: Shape): Dim =>
    dims.length === 1 ? dims[0]! : dims.reduce<number>((size, dim) => size * (dim as number), 1);
  const shape = x.shape && [product(x.shape.slice(0, axis)), product(x.shape.slice(axis))];
  return move(g, "Flatten", [x], shape, { axis: int(axis) });
}

export function transpose(g: GraphBuilder, x: Value, permutation: readonly number[]): Value {
  return move(g, "Transpose", [x], x.shape && permutation.map((axis) => x.shape![axis]!), {
    perm: ints(permutation),
  });
}

/** `x[start : end : step]` along each of `axes`; `end` may be past the extent. */
export function slice(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): Value {
  const shape = x.shape?.map((dim, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return dim;
    const extent = dim as number;
    const step = steps[at]!;
    // Backwards, the last place before the end is −1, which only a very negative end can say.
    const [lowest, highest] = step > 0 ? [0, extent] : [-1, extent - 1];
    const clamp = (position: number): number =>
      Math.min(Math.max(position < 0 ? position + extent : position, lowest), highest);
    return Math.max(0, Math.ceil((clamp(ends[at]!) - clamp(starts[at]!)) / step));
  });
  return move(g, "Slice", [x, vector(g, starts), vector(g, ends), vector(g, axes), vector(g, steps)], shape);
}

/** `x` back to front along each of `axes`. */
export function reverse(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const last = axes.map(() => -1);
  return slice(
    g,
    x,
    axes,
    last,
    axes.map(() => Number.MIN_SAFE_INTEGER),
    last,
  );
}

export function concat(g: GraphBuilder, parts: readonly Value[], axis: number): Value {
  if (parts.length === 1) return parts[0]!;
  const shape = parts[0]!.shape?.map((dim, at) =>
    at === axis ? parts.reduce((total, part) => total + (part.shape![axis] as number), 0) : dim,
  );
  return move(g, "Concat", [...parts], shape, { axis: int(axis) });
}

/** Cuts `x` along `axis` into parts of the given extents. */
export function split(g: GraphBuilder, x: Value, extents: readonly number[], axis: number): Value[] {
  return g.node({
    op: "Split",
    inputs: [x, vector(g, extents)],
    attributes: { axis: int(axis) },
    outputs: extents.map((extent) => ({
      dtype: x.dtype,
      shape: x.shape?.map((dim, at) => (at === axis ? extent : dim)),
    })),
  });
}

/** Zeros around `x`; `pads` as ONNX has them: begins of all axes, then ends. Negative pads crop. */
export function pad(g: GraphBuilder, x: Value, pads: readonly number[], value = 0): Value {
  const rank = pads.length / 2;
  const shape = x.shape?.map((dim, axis) => {
    const extra = pads[axis]! + pads[axis + rank]!;
    return extra ? (dim as number) + extra : dim;
  });
  return move(g, "Pad", [x, vector(g, pads), g.constant(scalar(value))], shape, { mode: string("constant") });
}

export function squeeze(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const gone = new Set(positiveAxes(axes, x.shape?.length ?? 0));
  return move(
    g,
    "Squeeze",
    [x, vector(g, axes)],
    x.shape?.filter((_, axis) => !gone.has(axis)),
  );
}

export function unsqueeze(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  if (!x.shape) return move(g, "Unsqueeze", [x, vector(g, axes)], undefined);
  const rest = [...x.shape];
  const ones = new Set(positiveAxes(axes, x.shape.length + axes.length));
  const shape = Array.from({ length: x.shape.length + axes.length }, (_, axis) =>
    ones.has(axis) ? 1 : rest.shift()!,
  );
  return move(g, "Unsqueeze", [x, vector(g, axes)], shape);
}

/** Repeats extents of 1 up to `shape`, by broadcasting. */
export function expand(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  return move(g, "Expand", [x, vector(g, shape)], x.shape && broadcastShape(x.shape, shape));
}
