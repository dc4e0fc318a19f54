import type { Tensor } from "../base/tensor.ts";
import { significant } from "./figures/format.ts";
import { faint, heatRange, isConstant, largest } from "./range.ts";

/** What a reader must know of a map before its picture, in a few words each; nothing of most. */
export function remarksOn(map: Tensor<"float32">, signed: boolean): string[] {
  const most = map.data.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  if (largest(map) === 0) return ["the map is zero everywhere"];
  if (isConstant(map)) return [`the map is the same everywhere: ${significant(map.data[0]!)}`];
  if (signed) return [];
  if (most < 0) return ["nothing speaks for it: all values are negative"];
  if (most === 0) return ["nothing speaks for it: no value is above zero"];
  if (most < faint * largest(map))
    return [
      `next to nothing speaks for it: ${significant(most)} at the most, against ${significant(largest(map))}`,
    ];
  return [];
}

/** What was cut off for the eye. */
export function cutOff(map: Tensor<"float32">, signed: boolean, clip: number): string[] {
  const [, high] = heatRange(map, signed, clip);
  const strongest = map.data.reduce((most, value) => Math.max(most, signed ? Math.abs(value) : value), 0);
  if (strongest <= high) return [];
  const beyond = `what lies beyond, up to ${significant(strongest)}, holds no more than ${clip}% of the map`;
  return [`clipped at ${significant(high)}; ${beyond}`];
}
