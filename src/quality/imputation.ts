/** Extents of a picture `[channels, height, width]`. */
interface Extents {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Weight of the neighbors beside and above, and of those at the corners: they sum to 1. */
const BESIDE = 1 / 6;
const CORNER = 1 / 12;

/** The residual's norm, as a part of the right side's, that is small enough. */
const TOLERANCE = 1e-5;
const MOST_ITERATIONS = 500;

/**
 * Fills in the pixels of `picture` `[C, H, W]` that `removed` `[H, W]` marks, in place: each becomes the weighted mean of its eight neighbors,
 * the filled in ones included, as noisy linear imputation has it before the noise (Rong et al. 2022). At least one pixel stays.
 */
export function impute(picture: Float32Array, extents: Extents, removed: Uint8Array): void {
  const pixels = extents.height * extents.width;
  for (let start = 0; start < picture.length; start += pixels)
    imputePlane(picture.subarray(start, start + pixels), extents, removed);
}

type Plane = Pick<Extents, "height" | "width">;

/** Begins with the same problem at half the extents, which settles what lies far from any pixel that is known. */
function imputePlane(plane: Float32Array, { height, width }: Plane, removed: Uint8Array): void {
  if (Math.max(height, width) > 2) {
    const half = halved(plane, { height, width }, removed);
    imputePlane(half.plane, half, half.removed);
    for (let at = 0; at < plane.length; at++)
      if (removed[at]) {
        const [row, column] = [Math.floor(at / width) >> 1, (at % width) >> 1];
        plane[at] = half.plane[row * half.width + column]!;
      }
  } else {
    const known = plane.filter((_, at) => !removed[at]);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    for (let at = 0; at < plane.length; at++) if (removed[at]) plane[at] = mean;
  }
  relax(plane, { height, width }, removed);
}

/** A plane in which four pixels are one: the mean of those that are known, removed where none is. */
function halved(plane: Float32Array, { height, width }: Plane, removed: Uint8Array) {
  const half = { height: (height + 1) >> 1, width: (width + 1) >> 1 };
  const sums = new Float32Array(half.height * half.width);
  const counts = new Uint8Array(sums.length);
  for (let at = 0; at < plane.length; at++)
    if (!removed[at]) {
      const into = (Math.floor(at / width) >> 1) * half.width + ((at % width) >> 1);
      sums[into]! += plane[at]!;
      counts[into]!++;
    }
  return {
    ...half,
    plane: sums.map((sum, at) => sum / Math.max(1, counts[at]!)),
    removed: counts.map((count) => (count === 0 ? 1 : 0)),
  };
}

/** Conjugate gradients on the removed pixels, from what stands there; the system is symmetric and positive definite. */
function relax(plane: Float32Array, { height, width }: Plane, removed: Uint8Array): void {
  // A border of nothing around the plane spares every pixel the question where the plane ends.
  const stride = width + 2;
  const size = stride * (height + 2);
  const inside = new Float64Array(size);
  const value = new Float64Array(size);
  const place = (at: number): number => (Math.floor(at / width) + 1) * stride + (at % width) + 1;
  for (let at = 0; at < plane.length; at++) {
    inside[place(at)] = 1;
    value[place(at)] = plane[at]!;
  }
  const around = (of: Float64Array, at: number): number =>
    BESIDE * (of[at - 1]! + of[at + 1]! + of[at - stride]! + of[at + stride]!) +
    CORNER * (of[at - stride - 1]! + of[at - stride + 1]! + of[at + stride - 1]! + of[at + stride + 1]!);

  const pixels = Uint32Array.from(removed.keys()).filter((at) => removed[at]);
  const unknown = pixels.map(place);
  const weight = Float64Array.from(unknown, (at) => around(inside, at));
  const residual = new Float64Array(size);
  const direction = new Float64Array(size);
  const image = new Float64Array(size);
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
}
