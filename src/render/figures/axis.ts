/** Round values that cover a range, from which an axis is drawn. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** A tick as written beside the axis: as many decimals as tell the ticks apart, powers of ten where that is long. */
  readonly write: (tick: number) => string;
}

/**
 * An axis over `low…high` with about five steps of 1, 2 or 5 times a power of ten. A range too small to divide is drawn
 * as if it began at `low` and were as long as `low` is large, at least 1.
 */
export function niceAxis(low: number, high: number): Axis {
  if (high - low < 1e-12 * Math.max(1, Math.abs(high)))
    return niceAxis(low, low + Math.max(1, Math.abs(low)));
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999)!;
  const first = Math.floor(low / step + 1e-6);
  const last = Math.ceil(high / step - 1e-6);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-6));
  return {
    low: first * step,
    high: last * step,
    ticks,
    write: (tick) =>
      tick !== 0 && (decimals > 4 || Math.abs(last * step) >= 1e5)
        ? tick.toExponential(1).replace("+", "")
        : tick.toFixed(decimals),
  };
}

/** Whole numbers to label from `first` to `last`: both ends, and round ones between that keep their distance. */
export function wholeTicks(first: number, last: number, most: number): number[] {
  const span = last - first;
  if (span < most) return Array.from({ length: span + 1 }, (_, i) => first + i);
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
  const ticks = [first];
  for (let tick = Math.ceil(first / step) * step; tick <= last - step / 2; tick += step)
    if (tick - first >= step / 2) ticks.push(tick);
  return [...ticks, last];
}
