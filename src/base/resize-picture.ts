import { type Picture, picture } from "./picture.ts";

/**
 * A picture at another size, squashed whatever its aspect: a triangle filter that widens when shrinking (Pillow's and
 * torchvision's antialiased bilinear), first along rows, then along columns. The same picture if the size is its own.
 */
export function resizePicture(source: Picture, width: number, height: number): Picture {
  if (source.width === width && source.height === height) return source;
  const columns = taps(source.width, width);
  const narrow = new Float32Array(source.height * width * 3);
  for (let y = 0, out = 0; y < source.height; y++) {
    const row = y * source.width;
    for (const { first, weights } of columns) {
      let [r, g, b] = [0, 0, 0];
      let at = (row + first) * 3;
      for (const weight of weights) {
        r += weight * source.data[at]!;
        g += weight * source.data[at + 1]!;
        b += weight * source.data[at + 2]!;
        at += 3;
      }
      narrow[out++] = r;
      narrow[out++] = g;
      narrow[out++] = b;
    }
  }
  const target = picture(width, height);
  const stride = width * 3;
  const sums = new Float32Array(stride);
  taps(source.height, height).forEach(({ first, weights }, y) => {
    sums.fill(0);
    weights.forEach((weight, k) => {
      const row = (first + k) * stride;
      for (let i = 0; i < stride; i++) sums[i]! += weight * narrow[row + i]!;
    });
    for (let i = 0; i < stride; i++) target.data[y * stride + i] = Math.round(sums[i]!);
  });
  return target;
}

/** For each output pixel the source pixels that it draws on, and their weights, which sum to 1. */
function taps(from: number, to: number): { first: number; weights: Float32Array }[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(from, Math.floor(centre + reach + 0.5));
    const weights = Float32Array.from({ length: last - first }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}
