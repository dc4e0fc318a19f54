import { colors, duration } from "./output.ts";

const WIDTH = 20;
/** Redraws no more often than this on a terminal, and says no more than one line in so long elsewhere (ms). */
const TERMINAL_INTERVAL = 100;
const PLAIN_INTERVAL = 30_000;

export interface ProgressStep {
  readonly done: number;
  readonly total: number;
  /** Said after the bar, such as the running loss. */
  readonly details?: string;
  /** Things done so far and what they are called, for the rate; `done` unless said. */
  readonly count?: number;
}

/** A line that tells how far a long task is, its rate and the time left; plain lines now and then in a pipe. */
export class ProgressLine {
  readonly #label: string;
  readonly #unit: string;
  readonly #terminal = process.stderr.isTTY === true;
  readonly #start = performance.now();
  #drawn = performance.now();
  #first: number | undefined;
  #rate: number | undefined;
  #last: { time: number; count: number } | undefined;

  /** @param unit what is counted, such as `img` */
  constructor(label: string, unit: string) {
    this.#label = label;
    this.#unit = unit;
  }

  update({ done, total, details = "", count = done }: ProgressStep): void {
    const now = performance.now();
    this.#first ??= done;
    this.#measure(now, count);
    const interval = this.#terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL;
    if (now - this.#drawn < interval) return;
    this.#drawn = now;
    const left = ((total - done) * (now - this.#start)) / Math.max(1, done - this.#first) / 1000;
    const rate = this.#rate ? `${this.#rate.toFixed(this.#rate < 10 ? 1 : 0)} ${this.#unit}/s` : "";
    const parts = [`${done}/${total}`, details, rate, `eta ${duration(left)}`].filter(Boolean).join("  ");
    if (this.#terminal) process.stderr.write(`\r\x1b[2K${this.#label}  ${bar(done / total)}  ${parts}`);
    else process.stderr.write(`${this.#label}  ${parts}\n`);
  }

  /** Takes the line away, leaving room for what comes next. */
  clear(): void {
    if (this.#terminal) process.stderr.write("\r\x1b[2K");
  }

  /** A rate smoothed over the last few seconds: jumps settle, drifts show. */
  #measure(now: number, count: number): void {
    if (this.#last && now > this.#last.time) {
      const rate = (1000 * (count - this.#last.count)) / (now - this.#last.time);
      const weight = 1 - Math.exp(-(now - this.#last.time) / 3000);
      this.#rate = this.#rate === undefined ? rate : this.#rate + weight * (rate - this.#rate);
    }
    this.#last = { time: now, count };
  }
}

function bar(fraction: number): string {
  const filled = Math.min(WIDTH, Math.floor(fraction * WIDTH));
  return colors.green("━".repeat(filled)) + colors.dim("─".repeat(WIDTH - filled));
}
