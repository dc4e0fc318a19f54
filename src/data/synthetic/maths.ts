/** 0 below `low`, 1 above `high`, smooth between. */
export function step(low: number, high: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** Math.hypot guards against overflow, which costs a shader several times its worth. */
export function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
