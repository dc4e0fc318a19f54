import { int64 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { float, int, ints, string, type Value } from "../graph.ts";

/** How places of the result are found among those of `x`, in the words of ONNX's Resize. */
export interface ResizeOptions {
  /** `cubic` is that of Keys 1981 with a = −0.5, in which what lies outside weighs nothing. */
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: "half_pixel" | "asymmetric" | "align_corners";
  /** Which of two places is the nearest. */
  readonly nearest?: "floor" | "round_prefer_ceil";
}

/** `x` with the extents of `axes` brought to `sizes`. */
export function resize(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
  sizes: readonly number[],
  { mode, coordinates, nearest = "round_prefer_ceil" }: ResizeOptions,
): Value {
  const shape = x.shape?.map((extent, axis) => sizes[axes.indexOf(axis)] ?? extent);
  return g.node({
    op: "Resize",
    inputs: [x, undefined, undefined, g.constant(int64([sizes.length], sizes))],
    attributes: {
      mode: string(mode),
      coordinate_transformation_mode: string(coordinates),
      axes: ints(axes),
      ...(mode === "nearest" ? { nearest_mode: string(nearest) } : {}),
      ...(mode === "cubic" ? { cubic_coeff_a: float(-0.5), exclude_outside: int(1) } : {}),
    },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}
