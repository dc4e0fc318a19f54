import type { ClassScore } from "../../model/predict.ts";

/** A share as people write it: `93.4%`; what only rounds to none or all says so (`<0.1%`, `>99.9%`). */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  if (share > 0 && share < 0.0005) return "<0.1%";
  if (share < 1 && share >= 0.9995) return ">99.9%";
  return `${(100 * share).toFixed(1)}%`;
}

/** A probability with two decimals, never rounded up to certainty: `0.97`, `>0.99`. */
export function probability(value: number): string {
  return value < 1 && value >= 0.995 ? ">0.99" : value.toFixed(2);
}

/** An area under a curve with three decimals, never rounded up to all of it; no number is a dash. */
export function area(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value < 1 && value >= 0.9995 ? ">0.999" : value.toFixed(3);
}

/** Three significant digits (whole numbers up to five), with a true minus sign: `0.0123`, `−4.56`, `1.20e−5`; no number is a dash. */
export function significant(value: number): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const written =
    size >= 1e5 || size < 1e-3
      ? value.toExponential(2)
      : size >= 999.5
        ? value.toFixed(0)
        : value.toPrecision(3);
  return written.replaceAll("-", "−").replace("+", "");
}

/** A measure: a part of a whole in percent, anything else with three digits. */
export function measured({ share }: { readonly share: boolean }, value: number): string {
  return share ? percent(value) : significant(value);
}

/** What a network says of a class, or a value; nothing of targets that are neither. */
export function said({
  probability: share,
  value,
}: Partial<Pick<ClassScore, "probability" | "value">>): string {
  if (value !== undefined) return significant(value);
  return share === undefined ? "" : percent(share);
}

/** Seconds as a phrase: `42 ms`, `4.2 s`, `12 min`, `3.4 h`. */
export function timeTaken(seconds: number): string {
  if (seconds < 0.9995) return `${(1000 * seconds).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 99.5) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 99.5 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** `1 epoch`, `2 epochs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
