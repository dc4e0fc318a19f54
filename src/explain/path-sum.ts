/** Sums over the points of N paths, of the first path first. */
export function weightedSum(
  paths: number,
  weights: readonly number[],
  size: number,
): { readonly values: Float32Array; take(row: number, slope: Float32Array): void } {
  const values = new Float32Array(paths * size);
  return {
    values,
    take(row, slope) {
      const weight = weights[row % weights.length]!;
      const start = Math.floor(row / weights.length) * size;
      for (let i = 0; i < size; i++) values[start + i]! += weight * slope[i]!;
    },
  };
}

/** Multiplies `values` by the way from one to the other, element by element, in place. */
export function timesWay(values: Float32Array, from: Float32Array, to: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) values[i]! *= to[i]! - from[i]!;
  return values;
}

/**
 * `∫ slope ⊙ d point` along N paths, the points of the first path first, by the trapezoidal rule: between two points the mean of both
 * slopes counts. For straight slopes it is exact however the points lie.
 */
export function trapezoids(
  paths: number,
  points: number,
  size: number,
): { readonly values: Float32Array; take(row: number, point: Float32Array, slope: Float32Array): void } {
  const values = new Float32Array(paths * size);
  const before = { point: new Float32Array(size), slope: new Float32Array(size) };
  return {
    values,
    take(row, point, slope) {
      const start = Math.floor(row / points) * size;
      if (row % points > 0)
        for (let i = 0; i < size; i++)
          values[start + i]! += 0.5 * (before.slope[i]! + slope[i]!) * (point[i]! - before.point[i]!);
      before.point.set(point);
      before.slope.set(slope);
    },
  };
}
