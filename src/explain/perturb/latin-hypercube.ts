import type { Random } from "../../base/random.ts";

/**
 * Points in the unit cube of which every axis sees each `1 / count` of its range once (McKay et al. 1979): of each axis the coordinates of
 * all points.
 */
export function latinHypercube(count: number, axes: number, source: Random): Float64Array[] {
  const strata = Array.from({ length: count }, (_, at) => at);
  return Array.from({ length: axes }, () =>
    Float64Array.from(source.shuffle(strata), (stratum) => (stratum + source.next()) / count),
  );
}
