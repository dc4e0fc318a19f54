import type { GraphBuilder } from "../builder.ts";
import { type Attributes, type Dim, int, ints, type Value } from "../graph.ts";

/** Spatial attributes; one entry an axis, `pads` as ONNX has them: all begins, then all ends. */
export interface ConvOptions {
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly group?: number;
}

/** Extent of a sliding window's output: `floor((extent + pads − (kernel − 1)·dilation − 1) / stride) + 1`. */
export function windowExtent(
  extent: Dim,
  kernel: number,
  { stride = 1, padBegin = 0, padEnd = 0, dilation = 1, ceil = false }: WindowOptions,
): Dim {
  if (typeof extent === "string") return extent;
  const free = extent + padBegin + padEnd - (kernel - 1) * dilation - 1;
  const steps = ceil ? Math.ceil(free / stride) : Math.floor(free / stride);
  // A window that would begin in the padding at the end is left out.
  const last = ceil && steps * stride >= extent + padBegin ? steps - 1 : steps;
  return last + 1;
}

export interface WindowOptions {
  readonly stride?: number | undefined;
  readonly padBegin?: number | undefined;
  readonly padEnd?: number | undefined;
  readonly dilation?: number | undefined;
  readonly ceil?: boolean;
}

/** Cross-correlation of `x [N, C, …]` with `w [M, C/group, …]` plus `b [M]`: `[N, M, …]`. */
export function conv(g: GraphBuilder, x: Value, w: Value, b?: Value, options: ConvOptions = {}): Value {
  const { strides, pads, dilations } = options;
  const rank = w.shape!.length - 2;
  const shape = x.shape && [
    x.shape[0]!,
    w.shape![0]!,
    ...x.shape.slice(2).map((extent, axis) =>
      windowExtent(extent, w.shape![axis + 2] as number, {
        stride: strides?.[axis],
        padBegin: pads?.[axis],
        padEnd: pads?.[axis + rank],
        dilation: dilations?.[axis],
      }),
    ),
  ];
  return g.node({
    op: "Conv",
    inputs: b ? [x, w, b] : [x, w],
    attributes: { kernel_shape: ints(w.shape!.slice(2) as number[]), ...spatial(options) },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/** The gradient of `conv` with respect to its input, as a layer: `x [N, C, …]`, `w [C, M/group, …]` to `[N, M, …]`. */
export function convTranspose(
  g: GraphBuilder,
  x: Value,
  w: Value,
  options: ConvOptions & { readonly outputPadding?: readonly number[] } = {},
): Value {
  const { strides, pads, dilations, group = 1, outputPadding } = options;
  const rank = w.shape!.length - 2;
  const shape = x.shape && [
    x.shape[0]!,
    (w.shape![1] as number) * group,
    ...x.shape.slice(2).map((extent, axis) => {
      const kernel = ((w.shape![axis + 2] as number) - 1) * (dilations?.[axis] ?? 1) + 1;
      const padding = (pads?.[axis] ?? 0) + (pads?.[axis + rank] ?? 0);
      return (
        ((extent as number) - 1) * (strides?.[axis] ?? 1) + kernel - padding + (outputPadding?.[axis] ?? 0)
      );
    }),
  ];
  return g.node({
    op: "ConvTranspose",
    inputs: [x, w],
    attributes: {
      kernel_shape: ints(w.shape!.slice(2) as number[]),
      ...spatial(options),
      ...(outputPadding ? { output_padding: ints(outputPadding) } : {}),
    },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

function spatial({ strides, pads, dilations, group }: ConvOptions): Attributes {
  return {
    ...(strides ? { strides: ints(strides) } : {}),
    ...(pads ? { pads: ints(pads) } : {}),
    ...(dilations ? { dilations: ints(dilations) } : {}),
    ...(group !== undefined ? { group: int(group) } : {}),
  };
}
