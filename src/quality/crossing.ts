import type { Curve } from "./metric.ts";
import { pixelsByRelevance } from "./ranking.ts";
import { extentsOf, probabilitiesOf, type Trial } from "./trial.ts";

/**
 * The class's probability on the way from one picture to another, `[C, H, W]` both, by the share of the pixels that have changed over: the
 * most relevant first, as many at each step but for the last.
 */
export async function crossing(
  trial: Trial,
  from: Float32Array,
  to: Float32Array,
  steps: number,
): Promise<Curve> {
  const { channels, pixels } = extentsOf(trial);
  const order = pixelsByRelevance(trial);
  const stride = Math.ceil(pixels / steps);
  const counts = [...Array(Math.ceil(pixels / stride)).keys()].map((step) => step * stride).concat(pixels);
  const found = await probabilitiesOf(trial, {
    count: counts.length,
    change(version, into) {
      into.set(from);
      for (const pixel of order.subarray(0, counts[version]))
        for (let at = pixel; at < channels * pixels; at += pixels) into[at] = to[at]!;
    },
  });
  return counts.map((count, at) => [count / pixels, found[at]!] as const);
}

/** Area under a curve over shares, by trapezoids. */
export function areaUnder(curve: Curve): number {
  return curve.slice(1).reduce((area, [at, value], before) => {
    const [earlier, first] = curve[before]!;
    return area + ((Number(at) - Number(earlier)) * (value + first)) / 2;
  }, 0);
}
