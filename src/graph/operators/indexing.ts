import type { GraphBuilder } from "../builder.ts";
import { type Attributes, int, type Shape, string, type Value } from "../graph.ts";

function index(
  g: GraphBuilder,
  op: string,
  inputs: readonly (Value | undefined)[],
  shape: Shape | undefined,
  attributes: Attributes = {},
): Value {
  return g.node({ op, inputs, attributes, outputs: [{ dtype: inputs[0]!.dtype, shape }] })[0]!;
}

/** Rows of `x` along `axis` chosen by `indices` (int64). */
export function gather(g: GraphBuilder, x: Value, indices: Value, axis = 0): Value {
  const shape = x.shape &&
    indices.shape && [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return index(g, "Gather", [x, indices], shape, { axis: int(axis) });
}

/**
 * Slices of `x` at `indices` `[…, K]` (int64), each naming a place along the first K axes, after `batch` leading axes that
 * both share: `[…] + the axes that no index names`.
 */
export function gatherNd(g: GraphBuilder, x: Value, indices: Value, batch = 0): Value {
  const shape = x.shape &&
    indices.shape && [
      ...indices.shape.slice(0, -1),
      ...x.shape.slice(batch + (indices.shape.at(-1) as number)),
    ];
  return index(g, "GatherND", [x, indices], shape, { batch_dims: int(batch) });
}

/** A copy of `x` with `updates` written at the places that `indices` name as in `gatherNd`; no place may occur twice. */
export function scatterNd(g: GraphBuilder, x: Value, indices: Value, updates: Value): Value {
  return index(g, "ScatterND", [x, indices, updates], x.shape);
}

/** A copy of `x` with `updates` written (or added, in order) at `indices` along `axis`. */
export function scatterElements(
  g: GraphBuilder,
  x: Value,
  indices: Value,
  updates: Value,
  { axis = 0, add = false }: { axis?: number; add?: boolean } = {},
): Value {
  return index(g, "ScatterElements", [x, indices, updates], x.shape, {
    axis: int(axis),
    ...(add ? { reduction: string("add") } : {}),
  });
}

/** The element of `x` at each of `indices` along `axis`; the other axes of `indices` are those of `x`. */
export function gatherElements(g: GraphBuilder, x: Value, indices: Value, axis = 0): Value {
  return index(g, "GatherElements", [x, indices], indices.shape, { axis: int(axis) });
}

/**
 * Samples `x [N, C, H, W]` bilinearly at `grid [N, H', W', 2]` (x then y, −1…1 from the first to the last pixel centre);
 * places outside take the nearest border pixel.
 */
export function gridSample(g: GraphBuilder, x: Value, grid: Value): Value {
  const shape = x.shape && grid.shape && [...x.shape.slice(0, 2), grid.shape[1]!, grid.shape[2]!];
  return index(g, "GridSample", [x, grid], shape, {
    mode: string("bilinear"),
    padding_mode: string("border"),
    align_corners: int(1),
  });
}

/** The upper (or lower) triangles of the matrices `x` `[…, M, N]`, from the diagonal `k` on; zeros elsewhere. */
export function trilu(g: GraphBuilder, x: Value, k: Value | undefined, upper: boolean): Value {
  return index(g, "Trilu", k ? [x, k] : [x], x.shape, { upper: int(Number(upper)) });
}
