import { colors, duration } from "./output.ts";

const BAR = 20;
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
    if (this.#terminal) process.stderr.write(`\r\x1b[2K${this.#line(done / total, parts)}`);
    else process.stderr.write(`${this.#label}  ${parts}\n`);
  }

  /** Takes the line away, leaving room for what comes next. */
  clear(): void {
    if (this.#terminal) process.stderr.write("\r\x1b[2K");
  }

  /** Within the terminal's width, for a line that wraps cannot be drawn over: the bar gives way first, then the text. */
  #line(fraction: number, parts: string): string {
    const room = (process.stderr.columns || 80) - 1;
    const width = Math.min(BAR, room - this.#label.length - parts.length - 4);
    if (width < 4) return `${this.#label}  ${parts}`.slice(0, room);
    return `${this.#label}  ${bar(fraction, width)}  ${parts}`;
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

function bar(fraction: number, width: number): string {
  const filled = Math.min(width, Math.floor(fraction * width));
  return colors.green("━".repeat(filled)) + colors.dim("─".repeat(width - filled));
}
