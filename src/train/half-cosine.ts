/** From `from` to `to` along half a cosine as `part` goes from 0 to 1. */
export function halfCosine(from: number, to: number, part: number): number {
  return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * part));
}
