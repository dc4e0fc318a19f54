import type { Extents } from "./trial.ts";

type Shape = Omit<Extents, "pixels">;

/** Weight of the neighbors beside, above and below, and of those at the corners: they sum to 1. */
const BESIDE = 1 / 6;
const CORNER = 1 / 12;

/** The residual's norm, as a part of the right side's, that is small enough. */
const TOLERANCE = 1e-5;
const MOST_ITERATIONS = 500;

/**
 * Fills in the pixels of `picture` `[C, H, W]` that `removed` `[H, W]` marks, in place: each becomes the weighted mean of its eight neighbors,
 * the filled in ones included, as noisy linear imputation has it before the noise (Rong et al. 2022). At least one pixel stays.
 */
export function impute(picture: Float32Array, { channels, height, width }: Shape, removed: Uint8Array): void {
  const pixels = height * width;
  if (pixels === 1) return;
  // The same at half the extents settles what lies far from any pixel that is known.
  const half = halved(picture, { channels, height, width }, removed);
  if (removed.includes(1)) impute(half.picture, half, half.removed);
  const shown = half.height * half.width;
  for (let at = 0; at < pixels; at++)
    if (removed[at])
      for (let channel = 0; channel < channels; channel++)
        picture[channel * pixels + at] = half.picture[channel * shown + half.cells[at]!]!;
  const solve = equations({ height, width }, removed);
  for (let start = 0; start < picture.length; start += pixels) solve(picture.subarray(start, start + pixels));
}

/** A picture in which four pixels are one, the mean of those that are known, and removed where none is; `cells` tells where each went. */
function halved(picture: Float32Array, { channels, height, width }: Shape, removed: Uint8Array) {
  const half = { channels, height: (height + 1) >> 1, width: (width + 1) >> 1 };
  const [pixels, size] = [height * width, half.height * half.width];
  const cells = new Uint32Array(pixels);
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++, at++) cells[at] = (row >> 1) * half.width + (column >> 1);
  const counts = new Uint8Array(size);
  const means = new Float32Array(channels * size);
  for (let at = 0; at < pixels; at++) {
    if (removed[at]) continue;
    const cell = cells[at]!;
    const share = 1 / ++counts[cell]!;
    for (let channel = 0; channel < channels; channel++) {
      const into = channel * size + cell;
      means[into]! += share * (picture[channel * pixels + at]! - means[into]!);
    }
  }
  return { ...half, picture: means, removed: counts.map((count) => (count === 0 ? 1 : 0)), cells };
}

/** Solves for the removed pixels of a plane from what stands there, by conjugate gradients: the system is symmetric and positive definite. */
function equations(
  { height, width }: Omit<Shape, "channels">,
  removed: Uint8Array,
): (plane: Float32Array) => void {
  // A border of nothing around the plane spares every pixel the question where the plane ends.
  const stride = width + 2;
  const padded = (): Float64Array => new Float64Array(stride * (height + 2));
  const around = (of: Float64Array, at: number): number =>
    BESIDE * (of[at - 1]! + of[at + 1]! + of[at - stride]! + of[at + stride]!) +
    CORNER * (of[at - stride - 1]! + of[at - stride + 1]! + of[at + stride - 1]! + of[at + stride + 1]!);
  const inside = padded();
  for (let row = 1; row <= height; row++) inside.fill(1, row * stride + 1, row * stride + 1 + width);
  const pixels = Uint32Array.from(removed.keys()).filter((at) => removed[at]);
  const unknown = pixels.map((at) => (Math.floor(at / width) + 1) * stride + (at % width) + 1);
  const weight = Float64Array.from(unknown, (at) => around(inside, at));
  const [value, residual, direction, image] = [padded(), padded(), padded(), padded()];

  return (plane) => {
    for (let row = 0; row < height; row++)
      value.set(plane.subarray(row * width, (row + 1) * width), (row + 1) * stride + 1);
    let [norm, scale] = [0, 0];
    for (let i = 0; i < unknown.length; i++) {
      const at = unknown[i]!;
      const rest = around(value, at) - weight[i]! * value[at]!;
      residual[at] = rest;
      direction[at] = rest;
      norm += rest ** 2;
      scale += (weight[i]! * value[at]!) ** 2;
    }
    for (let iteration = 0; iteration < MOST_ITERATIONS && norm > TOLERANCE ** 2 * scale; iteration++) {
      let bend = 0;
      for (let i = 0; i < unknown.length; i++) {
        const at = unknown[i]!;
        image[at] = weight[i]! * direction[at]! - around(direction, at);
        bend += direction[at]! * image[at]!;
      }
      const step = norm / bend;
      let next = 0;
      for (let i = 0; i < unknown.length; i++) {
        const at = unknown[i]!;
        value[at]! += step * direction[at]!;
        residual[at]! -= step * image[at]!;
        next += residual[at]! ** 2;
      }
      const share = next / norm;
      for (let i = 0; i < unknown.length; i++) {
        const at = unknown[i]!;
        direction[at] = residual[at]! + share * direction[at]!;
      }
      norm = next;
    }
    for (let i = 0; i < pixels.length; i++) plane[pixels[i]!] = value[unknown[i]!]!;
  };
}
