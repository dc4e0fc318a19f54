import { int64 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { float, int, type Shape, string, type Value } from "../graph.ts";
import { concat } from "./movement.ts";
import { extent } from "./shapes.ts";

/** How places of the result are found among those of `x`, in the words of ONNX's Resize. */
export interface ResizeOptions {
  /** `cubic` is that of Keys 1981 with a = −0.5, in which what lies outside weighs nothing. */
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: "half_pixel" | "asymmetric" | "align_corners";
  /** Which of two places is the nearest. */
  readonly nearest?: "floor" | "round_prefer_ceil";
  /** Whether a place of a smaller result is mixed from all places that it covers. */
  readonly antialias?: boolean;
}

/** `x` with the extents of `axes` brought to `sizes`. */
export function resize(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
  sizes: readonly number[],
  { mode, coordinates, nearest = "round_prefer_ceil", antialias = false }: ResizeOptions,
): Value {
  const shape = x.shape!.map((extent, axis) => sizes[axes.indexOf(axis)] ?? extent);
  return g.node({
    op: "Resize",
    inputs: [x, undefined, undefined, extentsOf(g, x, shape)],
    attributes: {
      mode: string(mode),
      coordinate_transformation_mode: string(coordinates),
      ...(mode === "nearest" ? { nearest_mode: string(nearest) } : {}),
      ...(mode === "cubic" ? { cubic_coeff_a: float(-0.5), exclude_outside: int(1) } : {}),
      ...(antialias ? { antialias: int(1) } : {}),
    },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/**
 * The extents of all axes, of which the first may be free: where a Resize names only some, ONNX Runtime, which moves transposes
 * past it, takes its sizes for those of all.
 */
function extentsOf(g: GraphBuilder, x: Value, [first, ...others]: Shape): Value {
  if (typeof first === "number")
    return g.constant(int64([others.length + 1], [first, ...(others as number[])]));
  return concat(g, [extent(g, x, 0), g.constant(int64([others.length], others as number[]))], 0);
}
