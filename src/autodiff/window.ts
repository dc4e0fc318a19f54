import { type Node, staticShape, type Value } from "../graph/graph.ts";
import { attribute } from "./rule.ts";

/** The spatial attributes of a convolution or pool with every default filled in; one entry an axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first and after the last place; `auto_pad` is worked out. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** The window that the node slides over its input `x` `[N, C, …]`. */
export function windowOf(node: Node, x: Value, kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  const strides = attribute<readonly number[]>(node, "strides", ones);
  const dilations = attribute<readonly number[]>(node, "dilations", ones);
  const pads = padsOf(node, staticShape(x).slice(2), kernel, strides, dilations);
  return {
    kernel,
    strides,
    dilations,
    begins: pads.slice(0, kernel.length),
    ends: pads.slice(kernel.length),
  };
}

/** The window of a pool, whose extents are an attribute. */
export const poolWindowOf = (node: Node, x: Value): Window =>
  windowOf(node, x, attribute<readonly number[]>(node, "kernel_shape", []));

/** The places of the window that makes output `output` along `axis`; some may lie in the padding or beyond. */
export function placesOf(
  { kernel, strides, dilations, begins }: Window,
  axis: number,
  output: number,
): number[] {
  const start = output * strides[axis]! - begins[axis]!;
  return Array.from({ length: kernel[axis]! }, (_, at) => start + at * dilations[axis]!);
}

/** The node's pads, with `auto_pad` worked out: SAME makes `ceil(extent / stride)` outputs. */
function padsOf(
  node: Node,
  extents: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): readonly number[] {
  const mode = attribute(node, "auto_pad", "NOTSET");
  const explicit = attribute<readonly number[]>(
    node,
    "pads",
    [...kernel, ...kernel].map(() => 0),
  );
  if (mode === "NOTSET") return explicit;
  if (mode === "VALID") return explicit.map(() => 0);
  const totals = extents.map((extent, axis) => {
    const stride = strides[axis]!;
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
    return Math.max(0, (Math.ceil(extent / stride) - 1) * stride + reach - extent);
  });
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - small[axis]!);
  return mode === "SAME_UPPER" ? [...small, ...large] : [...large, ...small];
}
