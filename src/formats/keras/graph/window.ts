import type { UserError } from "../../../base/errors.ts";
import type { Value } from "../../../graph/graph.ts";

/** A sliding window along each axis of places. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

export type Padding = "valid" | "same" | "causal";

/**
 * Pads as ONNX has them, all begins, then all ends. `same` gives `⌈extent / stride⌉` places, with the odd pad at the end, as
 * TensorFlow does; `causal` pads the beginning alone, so that no place sees a later one.
 * @param x `[N, C, …]`
 */
export function padsOf(x: Value, { kernel, strides, dilations }: Window, padding: Padding): number[] {
  const pads = kernel.map((size, axis): [begin: number, end: number] => {
    const reach = (size - 1) * dilations[axis]!;
    if (padding === "valid") return [0, 0];
    if (padding === "causal") return [reach, 0];
    const extent = x.shape![axis + 2] as number;
    const total = Math.max(0, (Math.ceil(extent / strides[axis]!) - 1) * strides[axis]! + reach + 1 - extent);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  return [...pads.map(([begin]) => begin), ...pads.map(([, end]) => end)];
}

/** @throws UserError when no window fits into what it slides over */
export function checkFits(
  x: Value,
  { kernel, dilations }: Window,
  pads: readonly number[],
  refuse: (why: string) => UserError,
): void {
  const places = x.shape!.slice(2) as number[];
  const fits = places.every((extent, axis) => {
    const reach = (kernel[axis]! - 1) * dilations[axis]!;
    return extent + pads[axis]! + pads[axis + kernel.length]! > reach;
  });
  if (!fits)
    throw refuse(
      `has a window of ${kernel.join("×")}, which does not fit into ${places.join("×")} places; give a larger picture.`,
    );
}
