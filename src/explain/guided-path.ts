export interface GuidedPathOptions {
  /** Share of all numbers that move at a time, those with the smallest gradients first. */
  readonly fraction: number;
  /** How far a number may be off the straight line, as a share of its way: 0 is the straight line, 1 any way. */
  readonly deviation: number;
}

/** A way from a baseline to a picture that is found step by step. */
export interface GuidedPath {
  /** Where it is, in the place of the picture. */
  write(into: Float32Array): void;
  /**
   * Goes on until the part `alpha` of the distance, the sum of all magnitudes, lies behind.
   * @param gradient of the score where it is
   */
  advance(alpha: number, gradient: Float32Array): void;
  /** So far, `Σ gradient ⊙ way`. */
  readonly attribution: Float32Array;
}

/**
 * The path of guided integrated gradients, Kapishnikov et al. 2021 (arXiv 2106.09788), algorithm 1: in each step the numbers with the smallest
 * gradients are moved first, block by block, each as far as it may; those of the last block go the same part of what they may. Before that,
 * those that fell too far behind are brought up.
 */
export function guidedPath(
  from: Float32Array,
  to: Float32Array,
  { fraction, deviation }: GuidedPathOptions,
): GuidedPath {
  const size = from.length;
  const way = to.map((value, i) => value - from[i]!);
  const total = way.reduce((sum, length) => sum + Math.abs(length), 0);
  /** Of each number the part of its way that lies behind. */
  const progress = new Float64Array(size);
  const attribution = new Float32Array(size);
  const block = Math.floor(fraction * (size - 1)) + 1;
  return {
    attribution,
    write(into) {
      for (let i = 0; i < size; i++) into[i] = from[i]! + progress[i]! * way[i]!;
    },
    advance(alpha, gradient) {
      const low = Math.max(0, alpha - deviation);
      const high = Math.min(1, alpha + deviation);
      const move = (i: number, target: number): void => {
        attribution[i]! += (target - progress[i]!) * way[i]! * gradient[i]!;
        progress[i] = target;
      };
      let due = -total * (1 - alpha);
      for (let i = 0; i < size; i++) {
        if (progress[i]! < low) move(i, low);
        due += (1 - progress[i]!) * Math.abs(way[i]!);
      }
      const free = (i: number): boolean => way[i] !== 0 && progress[i]! < high;
      const slopes = gradient
        .filter((_, i) => free(i))
        .map(Math.abs)
        .sort();
      let above = -1;
      for (let end = block - 1; due > 1e-9 * total && above < (slopes.at(-1) ?? -1); end += block) {
        const most = slopes[Math.min(end, slopes.length - 1)]!;
        const members = (i: number): boolean => {
          const slope = Math.abs(gradient[i]!);
          return slope > above && slope <= most && free(i);
        };
        let reach = 0;
        for (let i = 0; i < size; i++) if (members(i)) reach += (high - progress[i]!) * Math.abs(way[i]!);
        const part = Math.min(1, due / reach);
        for (let i = 0; i < size; i++)
          if (members(i)) move(i, part === 1 ? high : progress[i]! + part * (high - progress[i]!));
        due -= part * reach;
        above = most;
      }
    },
  };
}
