import type { GraphBuilder } from "../builder.ts";
import { floats, int, ints, string, type Value } from "../graph.ts";
import { type ConvOptions, windowExtent } from "./convolution.ts";

/**
 * ONNX Runtime's own operators for channels in blocks of B: a value of nominal shape `[N, C, H, W]` lies in memory as
 * `[N, C/B, H, W, B]`, which its fastest convolutions work on. B depends on the processor (16 with AVX-512, 8 with AVX2).
 * Elementwise operators do not mind the layout, and a Reshape to the five axes is free.
 */
const domain = "com.microsoft.nchwc";

/** `[N, C, H, W]` to blocks; C must be a multiple of B. */
export function reorderInput(g: GraphBuilder, x: Value): Value {
  return g.node({
    op: "ReorderInput",
    domain,
    inputs: [x],
    outputs: [{ dtype: x.dtype, shape: x.shape }],
  })[0]!;
}

/** Blocks back to `[N, C, H, W]`. */
export function reorderOutput(g: GraphBuilder, x: Value): Value {
  const attributes = { channels: int(x.shape![1] as number) };
  return g.node({
    op: "ReorderOutput",
    domain,
    inputs: [x],
    attributes,
    outputs: [{ dtype: x.dtype, shape: x.shape }],
  })[0]!;
}

export interface BlockedConvOptions extends ConvOptions {
  /** Added to the result before the activation: a blocked value of the result's shape. */
  readonly sum?: Value;
  readonly activation?:
    | { readonly op: "Relu" }
    | { readonly op: "HardSigmoid"; readonly parameters: readonly number[] };
}

/**
 * Convolution to blocks, from blocks or (with fewer than B channels) from plain `[N, C, H, W]`. Weights of nominal shape
 * `[M, C/group, k, k]` lie as `[M/B, C/B, k, k, B of C, B of M]`, or without the inner B of C where the input is plain.
 */
export function blockedConv(
  g: GraphBuilder,
  x: Value,
  w: Value,
  b: Value | undefined,
  options: BlockedConvOptions = {},
): Value {
  const { strides = [1, 1], pads = [0, 0, 0, 0], group = 1, sum, activation } = options;
  const kernel = w.shape!.slice(2) as number[];
  const shape = [
    x.shape![0]!,
    w.shape![0]!,
    ...x.shape!.slice(2).map((extent, axis) =>
      windowExtent(extent, kernel[axis]!, {
        stride: strides[axis],
        padBegin: pads[axis],
        padEnd: pads[axis + 2],
      }),
    ),
  ];
  return g.node({
    op: "Conv",
    domain,
    inputs: sum ? [x, w, b, sum] : b ? [x, w, b] : [x, w],
    attributes: {
      kernel_shape: ints(kernel),
      strides: ints(strides),
      pads: ints(pads),
      group: int(group),
      ...(activation ? { activation: string(activation.op) } : {}),
      ...(activation?.op === "HardSigmoid" ? { activation_params: floats(activation.parameters) } : {}),
    },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/** Maximum of each 2×2 square of a blocked value; an odd last row or column is left out. */
export function blockedMaxPool(g: GraphBuilder, x: Value): Value {
  const shape = x.shape!.map((extent, axis) => (axis < 2 ? extent : Math.floor((extent as number) / 2)));
  return g.node({
    op: "MaxPool",
    domain,
    inputs: [x],
    attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}
