import type { Tensor } from "../base/tensor.ts";
import { largestMagnitude } from "./scaling.ts";

type Map = Tensor<"float32">;

/** Below this share of the largest magnitude what speaks for the target is no finding, perhaps no more than rounding. */
export const faint = 0.01;

/** What a reader must know of a map before its picture, in a few words each; nothing of most. */
export function remarksOn(map: Map, signed: boolean): string[] {
  const most = map.data.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const magnitude = largestMagnitude(map);
  if (magnitude === 0) return ["the map is zero everywhere"];
  if (isConstant(map)) return [`the map is the same everywhere: ${shortly(map.data[0]!)}`];
  if (signed) return [];
  if (most < 0) return ["nothing speaks for it: all values are negative"];
  if (most === 0) return ["nothing speaks for it: no value is above zero"];
  if (most < faint * magnitude)
    return [`next to nothing speaks for it: ${shortly(most)} at the most, against ${shortly(magnitude)}`];
  return [];
}

/** Whether all values are the same, but for rounding. */
export function isConstant({ data }: Map): boolean {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low <= 1e-5 * Math.max(Math.abs(low), Math.abs(high));
}

const shortly = (value: number): string => String(Number(value.toPrecision(3)));
