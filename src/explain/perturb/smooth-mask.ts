/** Deviation of the bump that a cell makes, as a share of the picture's side. */
const SMOOTHNESS = 0.09;
/** How far the smooth maximum is from the plain one. */
const TEMPERATURE = 1 / 20;

export interface SmoothMask {
  /** Of `grid` × `grid` cells, 0…1. */
  readonly mask: Float64Array;
  /** Slopes by the values that the mask was made of, given those by the mask. */
  back(slopes: ArrayLike<number>): Float64Array;
}

/**
 * Makes masks that have no detail finer than a Gaussian bump, and are 1 about every value that is 1, Fong et al. 2019 (arXiv 1910.08485,
 * section 3.2): a cell has the smooth maximum `Σ b exp(b / T) / Σ exp(b / T)` of the bumps `b = v exp(−d² / 2σ²)` of the cells around it.
 */
export function smoothMasks(grid: number): (values: Float64Array) => SmoothMask {
  const cells = neighbourhoods(grid, SMOOTHNESS * grid);
  return (values) => {
    const mask = new Float64Array(values.length);
    const slopesOf = cells.map(({ others, weights }, cell) => {
      const shares = new Float64Array(others.length);
      let [total, sum] = [0, 0];
      for (let at = 0; at < others.length; at++) {
        const bump = weights[at]! * values[others[at]!]!;
        shares[at] = Math.exp(bump / TEMPERATURE);
        total += shares[at]!;
        sum += shares[at]! * bump;
      }
      const most = sum / total;
      mask[cell] = most;
      for (let at = 0; at < others.length; at++) {
        const bump = weights[at]! * values[others[at]!]!;
        shares[at]! *= (weights[at]! / total) * (1 + (bump - most) / TEMPERATURE);
      }
      return shares;
    });
    return {
      mask,
      back(slopes) {
        const sums = new Float64Array(values.length);
        for (const [cell, { others }] of cells.entries())
          for (let at = 0; at < others.length; at++)
            sums[others[at]!]! += slopes[cell]! * slopesOf[cell]![at]!;
        return sums;
      },
    };
  };
}

/** Of each cell those within three deviations, and how much of their bumps reaches it. */
function neighbourhoods(grid: number, deviation: number) {
  const reach = Math.ceil(3 * deviation);
  return Array.from({ length: grid ** 2 }, (_, cell) => {
    const [row, column] = [Math.floor(cell / grid), cell % grid];
    const others: number[] = [];
    const weights: number[] = [];
    for (let y = Math.max(0, row - reach); y <= Math.min(grid - 1, row + reach); y++)
      for (let x = Math.max(0, column - reach); x <= Math.min(grid - 1, column + reach); x++) {
        others.push(y * grid + x);
        weights.push(Math.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * deviation ** 2)));
      }
    return { others: Int32Array.from(others), weights: Float64Array.from(weights) };
  });
}
