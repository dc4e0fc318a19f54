import { float32, type Tensor } from "../base/tensor.ts";
import type { ClassScore } from "../model/predict.ts";
import { heatRange, type Range } from "./range.ts";

/** What a network made of a photo after an epoch: where the evidence lay for a class, and the probability of this class; or for the value. */
export interface Moment extends Pick<ClassScore, "probability" | "value"> {
  /** Epochs that had ended; 0 before the first step. */
  readonly epoch: number;
  /** `[H, W]` or `[1, H, W]`, any size, in the same unit at every epoch. */
  readonly attribution: Tensor<"float32">;
}

/** Moments side by side on a sheet. */
const most = 10;

/** All of the moments, or ten where there are more: the first, the last, the best, and others spread evenly between. */
export function spread(moments: readonly Moment[], best?: number): Moment[] {
  if (moments.length <= most) return [...moments];
  const places = Array.from({ length: most }, (_, at) =>
    Math.round((at * (moments.length - 1)) / (most - 1)),
  );
  const wanted = moments.findIndex(({ epoch }) => epoch === best);
  if (wanted >= 0 && !places.includes(wanted)) {
    // The first and the last stay.
    const inner = places.slice(1, -1).map((place) => Math.abs(place - wanted));
    places[1 + inner.indexOf(Math.min(...inner))] = wanted;
  }
  return places.map((place) => moments[place]!);
}

/** Whether any place of any of the maps speaks for the class. */
export function hasEvidence(moments: readonly Moment[]): boolean {
  return moments.some(({ attribution }) => attribution.data.some((value) => value > 0));
}

/**
 * One range for all of the maps, from 0 to the most that any of them has, so that strength can be compared from epoch to epoch. On ranges of
 * their own the faint maps of an untrained network would look as sure as all others.
 */
export function sharedRange(moments: readonly Moment[], signed: boolean): Range {
  const values = moments.flatMap(({ attribution }) => [...attribution.data]);
  return heatRange(float32([1, values.length], values), signed);
}
