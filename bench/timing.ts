/** One line of the output; times with the fields of the peer script. */
export interface Row {
  readonly case: string;
  readonly variant: string;
  readonly median_ms?: number;
  readonly min_ms?: number;
  /** Arithmetic rate in GFLOP/s. */
  readonly gflops?: number;
  /** Figures that are no times. */
  readonly [figure: string]: unknown;
}

/** A row that was timed. */
export type TimedRow = Row & { readonly median_ms: number; readonly min_ms: number };

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** Two digits, wherever they stand. */
export const brief = (value: number): number => Number(value.toPrecision(2));

/** Times `run` after two warm-up calls. `gflop` is the arithmetic of one call. */
export async function timed(
  name: string,
  variant: string,
  run: () => Promise<unknown>,
  repeat: number,
  gflop?: number,
): Promise<TimedRow> {
  const times: number[] = [];
  for (let i = -2; i < repeat; i++) {
    const start = performance.now();
    await run();
    if (i >= 0) times.push(performance.now() - start);
  }
  const middle = median(times);
  return {
    case: name,
    variant,
    median_ms: round(middle),
    min_ms: round(Math.min(...times)),
    ...(gflop ? { gflops: round(gflop / (middle / 1000), 1) } : {}),
  };
}
