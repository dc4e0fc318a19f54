import { float32, type Tensor } from "../base/tensor.ts";

type Map = Tensor<"float32">;

/** Each value by itself. */
export function each(map: Map, change: (value: number) => number): Map {
  return float32(map.shape, map.data.map(change));
}

/** What speaks against the target is cut off. */
export const positive = (map: Map): Map => each(map, (value) => Math.max(0, value));

/** The sum over channels of `[C, h, w]`; a map `[h, w]` is left as it is. */
export function summed(map: Map): Map {
  if (map.shape.length === 2) return map;
  const size = map.shape[1]! * map.shape[2]!;
  const data = new Float32Array(size);
  for (const [at, value] of map.data.entries()) data[at % size]! += value;
  return float32(map.shape.slice(1), data);
}

/** Divided by `divisor`; zeros where that is zero. */
export const dividedBy = (map: Map, divisor: number): Map =>
  each(map, (value) => (divisor === 0 ? 0 : value / divisor));

export const largest = (map: Map): number => map.data.reduce((most, value) => Math.max(most, value), 0);

export const largestMagnitude = (map: Map): number =>
  map.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
