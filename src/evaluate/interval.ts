/**
 * Wilson's 95% interval for a rate of `hits` in `n` trials (Wilson 1927): unlike the plain normal one it stays inside
 * [0, 1] and holds for small `n` and for rates near the ends.
 */
export function wilsonInterval(hits: number, n: number): readonly [low: number, high: number] {
  if (n === 0) return [0, 1];
  const z = 1.959964;
  const rate = hits / n;
  const scale = 1 + z ** 2 / n;
  const centre = (rate + z ** 2 / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((rate * (1 - rate)) / n + z ** 2 / (4 * n ** 2));
  // At either end the bound is exact, but its arithmetic rounds.
  return [hits === 0 ? 0 : Math.max(0, centre - half), hits === n ? 1 : Math.min(1, centre + half)];
}
