import { random } from "../base/random.ts";

const RESAMPLES = 1000;

/**
 * 95% intervals of measures by the percentiles of 1000 resamples (Efron 1979): as many items drawn with replacement, always the same ones,
 * each measured anew. Where a resample has no measure (NaN) it does not count.
 */
export function bootstrapIntervals<T, K extends string>(
  items: readonly T[],
  measure: (items: readonly T[]) => Readonly<Record<K, number>>,
): Readonly<Record<K, readonly [low: number, high: number]>> {
  const source = random(0, "bootstrap");
  const drawn = Array.from({ length: RESAMPLES }, () =>
    measure(items.map(() => items[source.below(items.length)]!)),
  );
  const intervals = (Object.keys(drawn[0]!) as K[]).map((name) => {
    const sorted = drawn
      .map((measures) => measures[name])
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN;
    return [name, [at(0.025), at(0.975)]] as const;
  });
  return Object.fromEntries(intervals) as Record<K, readonly [number, number]>;
}
