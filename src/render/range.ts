import type { Tensor } from "../base/tensor.ts";
import { faint, isConstant } from "../explain/remarks.ts";
import { largestMagnitude } from "../explain/scaling.ts";

/** The values that become the first and the last colour. */
export type Range = readonly [low: number, high: number];

/**
 * The range a map is shown in unless asked otherwise: 0 to its maximum, or for a signed colour map symmetric about 0. Never one that makes
 * more of a map than there is:
 *
 * - without positive values (signed: without any) 0…1 (−1…1), so that it looks as empty as it is
 * - to no less than a hundredth of the largest magnitude, so that the few positive values of a negative map stay faint
 * - for a map that is the same everywhere to twice its value, half-way to the last colour
 *
 * @param clip The range ends where the larger magnitudes hold this percentage of the sum of all: Captum's `outlier_perc`, there 2. Single
 *   strong values are then no longer all that one sees. Of a coarse map nothing is cut off, since its largest value alone holds more.
 */
export function heatRange(map: Tensor<"float32">, signed: boolean, clip = 0): Range {
  const strengths = map.data.map((value) => (signed ? Math.abs(value) : Math.max(0, value)));
  const most = end(strengths, clip);
  if (most === 0) return [signed ? -1 : 0, 1];
  const high = isConstant(map) ? 2 * most : Math.max(most, faint * largestMagnitude(map));
  return [signed ? -high : 0, high];
}

/** The value up to which, in ascending order, they sum to all but `clip` percent. */
function end(strengths: Float32Array, clip: number): number {
  strengths.sort();
  let beyond = (clip / 100) * strengths.reduce((sum, value) => sum + value, 0);
  let at = strengths.length - 1;
  while (at > 0 && beyond >= strengths[at]!) beyond -= strengths[at--]!;
  return strengths[at]!;
}
