import picocolors from "picocolors";

/** Colours where the terminal has them; NO_COLOR and pipes turn them off. */
export const colors: ReturnType<typeof picocolors.createColors> = picocolors.createColors(
  process.stdout.isTTY === true && process.stdout.hasColors(),
);

/** A result for people, on standard output. */
export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** A result for machines: one JSON object a line, on standard output. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** What goes on meanwhile, on standard error, so that results can be piped. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Seconds as people read them: `4.2s`, `42s`, `3:07`, `1:02:33`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const pad = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${pad(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
}
