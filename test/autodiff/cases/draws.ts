import { int64, type Tensor } from "../../../src/base/tensor.ts";
import { type Attributes, ints, string } from "../../../src/graph/graph.ts";
import { type Case, type Draws, operator, type ValueOptions } from "../finite-differences.ts";

export type DrawCase = (d: Draws) => Case;

export type Cases = Readonly<Record<string, DrawCase>>;

export const whole = (values: readonly number[]): Tensor => int64([values.length], values);

export const unary =
  (name: string, options?: ValueOptions, attributes: (d: Draws) => Attributes = () => ({})): DrawCase =>
  (d) =>
    operator(name, [d.values(d.shape(d.integer(1, 4)), options)], { attributes: attributes(d) });

/** Two shapes that broadcast: extents fall to 1 and leading ones away. */
export function broadcasting(d: Draws, count: number): number[][] {
  const full = d.shape(d.integer(1, 4));
  return Array.from({ length: count }, (_, at) => {
    const shape = full.map((extent) => (at && d.flag() ? 1 : extent));
    return at ? shape.slice(d.integer(0, shape.length)) : shape;
  });
}

/** Some axes of a rank, in any order, from either end; none stands for all. */
export function someAxes(d: Draws, rank: number): number[] {
  const axes = d.shuffled(Array.from({ length: rank }, (_, axis) => axis)).slice(0, d.integer(0, rank));
  return axes.map((axis) => (d.flag() ? axis - rank : axis));
}

export interface Window {
  readonly extents: number[];
  readonly kernel: number[];
  readonly strides: number[];
  readonly attributes: Record<string, Attributes[string]>;
}

/** A sliding window over one to three axes, with strides, dilations and pads or `auto_pad`. */
export function sliding(d: Draws, { dilated = true }: { dilated?: boolean } = {}): Window {
  const rank = d.pick([1, 2, 2, 2, 3]);
  const kernel = d.shape(rank, 1, 3);
  const mode = d.pick(["", "", "", "SAME_UPPER", "SAME_LOWER", "VALID"]);
  // ONNX Runtime refuses SAME windows that are dilated, or so far apart that the pads would be negative.
  const strides = kernel.map((size) => d.integer(1, mode.startsWith("SAME") ? size : 3));
  const dilations = dilated && !mode.startsWith("SAME") ? d.shape(rank, 1, 2) : kernel.map(() => 1);
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  // A pad as wide as the kernel would make windows of nothing but padding, which ONNX Runtime refuses.
  const pads = [...kernel, ...kernel].map((size) => d.integer(0, size - 1));
  return {
    kernel,
    strides,
    extents: reach.map((size) => size + d.integer(0, 4)),
    attributes: {
      kernel_shape: ints(kernel),
      ...(d.flag() || strides.some((stride) => stride > 1) ? { strides: ints(strides) } : {}),
      ...(dilations.some((dilation) => dilation > 1) ? { dilations: ints(dilations) } : {}),
      ...(mode ? { auto_pad: string(mode) } : d.flag() ? { pads: ints(pads) } : {}),
    },
  };
}

export const positive: ValueOptions = { low: 0.5, high: 2 };
export const aroundZero: ValueOptions = { kinks: [0] };
export const awayFromZero: ValueOptions = {
  low: -2,
  high: 2,
  kinks: [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4],
};

/**
 * Activations that ONNX Runtime draws into the node before, with parameters such that sums around ±1.2 keep away
 * from the kinks.
 */
export const fusible: readonly (readonly [name: string, parameters: readonly number[]])[] = [
  ["Relu", []],
  ["Sigmoid", []],
  ["Tanh", []],
  ["LeakyRelu", [0.2]],
  ["HardSigmoid", [0.1, 0.5]],
  ["HardSigmoid", [1, 0.5]],
];
