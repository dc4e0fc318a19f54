/** A sum along paths that are walked one after the other. */
export interface PathSum {
  /** N rows. */
  readonly values: Float32Array;
  /** Takes the points of the first path in their order, then those of the second. */
  take(row: number, point: Float32Array, slope: Float32Array): void;
}

/**
 * `∫ slope ⊙ d point` along N paths, by the trapezoidal rule: between two points the mean of both slopes counts. For straight slopes it
 * is exact however the points lie.
 */
export function trapezoids(paths: number, points: number, size: number): PathSum {
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
