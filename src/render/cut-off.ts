import type { Tensor } from "../base/tensor.ts";
import { significant } from "./figures/format.ts";
import { heatRange } from "./range.ts";

/** What was cut off for the eye, in words; nothing of most maps. */
export function cutOff(map: Tensor<"float32">, signed: boolean, clip: number): string[] {
  const [, high] = heatRange(map, signed, clip);
  const strongest = map.data.reduce((most, value) => Math.max(most, signed ? Math.abs(value) : value), 0);
  // What no reader could tell apart needs no words.
  if (strongest <= 1.02 * high) return [];
  const beyond = `what lies beyond, up to ${significant(strongest)}, holds no more than ${clip}% of the map`;
  return [`clipped at ${significant(high)}; ${beyond}`];
}
