import { int64 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { type Attributes, int, ints, type Shape, type Value } from "../graph.ts";
import { windowExtent } from "./convolution.ts";

export interface PoolOptions {
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly ceil?: boolean;
}

/** Maximum over windows of `x [N, C, …]`. */
export function maxPool(
  g: GraphBuilder,
  x: Value,
  kernel: readonly number[],
  options: PoolOptions = {},
): Value {
  return g.node({
    op: "MaxPool",
    inputs: [x],
    attributes: poolAttributes(kernel, options),
    outputs: [{ dtype: x.dtype, shape: poolShape(x.shape, kernel, options) }],
  })[0]!;
}

/** Maximum over windows, and where it was: positions count through the whole of `x`; the first wins a tie. */
export function maxPoolWithIndices(
  g: GraphBuilder,
  x: Value,
  kernel: readonly number[],
  options: PoolOptions = {},
): [values: Value, indices: Value] {
  const shape = poolShape(x.shape, kernel, options);
  const [values, indices] = g.node({
    op: "MaxPool",
    inputs: [x],
    attributes: poolAttributes(kernel, options),
    outputs: [
      { dtype: x.dtype, shape },
      { dtype: "int64", shape },
    ],
  });
  return [values!, indices!];
}

/**
 * Zeros of the given shape but for `x`, whose elements go to `indices` as `maxPoolWithIndices` counts them; an index that
 * occurs twice keeps one of its elements.
 */
export function maxUnpool(g: GraphBuilder, x: Value, indices: Value, shape: readonly number[]): Value {
  // The kernel only serves to guess a shape, which is given here.
  return g.node({
    op: "MaxUnpool",
    inputs: [x, indices, g.constant(int64([shape.length], shape))],
    attributes: { kernel_shape: ints(shape.slice(2).map(() => 1)) },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/** Mean over windows of `x [N, C, …]`; padding counts as zeros only if `countPadding`. */
export function averagePool(
  g: GraphBuilder,
  x: Value,
  kernel: readonly number[],
  options: PoolOptions & { readonly countPadding?: boolean } = {},
): Value {
  return g.node({
    op: "AveragePool",
    inputs: [x],
    attributes: {
      ...poolAttributes(kernel, options),
      ...(options.countPadding ? { count_include_pad: int(1) } : {}),
    },
    outputs: [{ dtype: x.dtype, shape: poolShape(x.shape, kernel, options) }],
  })[0]!;
}

/** Mean over all positions: `[N, C, …] → [N, C, 1, …]`. */
export function globalAveragePool(g: GraphBuilder, x: Value): Value {
  const shape = x.shape && [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)];
  return g.node({ op: "GlobalAveragePool", inputs: [x], outputs: [{ dtype: x.dtype, shape }] })[0]!;
}

function poolShape(
  shape: Shape | undefined,
  kernel: readonly number[],
  { strides, pads, dilations, ceil = false }: PoolOptions,
): Shape | undefined {
  return (
    shape && [
      ...shape.slice(0, 2),
      ...shape.slice(2).map((extent, axis) =>
        windowExtent(extent, kernel[axis]!, {
          stride: strides?.[axis],
          padBegin: pads?.[axis],
          padEnd: pads?.[axis + kernel.length],
          dilation: dilations?.[axis],
          ceil,
        }),
      ),
    ]
  );
}

function poolAttributes(
  kernel: readonly number[],
  { strides, pads, dilations, ceil }: PoolOptions,
): Attributes {
  return {
    kernel_shape: ints(kernel),
    ...(strides ? { strides: ints(strides) } : {}),
    ...(pads ? { pads: ints(pads) } : {}),
    ...(dilations ? { dilations: ints(dilations) } : {}),
    ...(ceil ? { ceil_mode: int(1) } : {}),
  };
}
