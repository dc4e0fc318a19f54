import { type Picture, picture } from "./picture.ts";

/** Weights are whole numbers of 2⁻¹⁴: sums stay within 32 bits, and whole numbers are summed twice as fast as floats. */
const BITS = 14;
const HALF = 1 << (BITS - 1);

/** How a new pixel is mixed from the old ones around it, by distance in pixels. */
interface Kernel {
  /** Beyond this distance nothing counts. */
  readonly reach: number;
  weight(distance: number): number;
}

export const filters = ["linear", "cubic"] as const;
export type Filter = (typeof filters)[number];

const kernels: Readonly<Record<Filter, Kernel>> = {
  /** A triangle: Pillow's and torchvision's antialiased bilinear. */
  linear: { reach: 1, weight: (distance) => 1 - distance },
  /** Keys' cubic with a = −0.5, as Pillow has it. */
  cubic: {
    reach: 2,
    weight: (d) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2),
  },
};

/**
 * A picture at another size, squashed whatever its aspect: a filter that widens when shrinking, first along rows, then along
 * columns, each rounded to whole levels as Pillow does. The same picture if the size is its own.
 */
export function resizePicture(
  source: Picture,
  width: number,
  height: number,
  filter: Filter = "linear",
): Picture {
  if (source.width === width && source.height === height) return source;
  const kernel = kernels[filter];
  return resizeColumns(
    resizeRows(source, taps(source.width, width, kernel)),
    taps(source.height, height, kernel),
  );
}

/** Every row of pixels at another length. */
function resizeRows({ width, height, data }: Picture, { first, weights, length }: Taps): Picture {
  const target = picture(first.length, height);
  // A cubic filter overshoots; what is clamped on assignment need not be clamped by us.
  const pixels = new Uint8ClampedArray(target.data.buffer);
  let out = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < first.length; x++) {
      let r = HALF;
      let g = HALF;
      let b = HALF;
      let at = (y * width + first[x]!) * 3;
      for (let k = x * length; k < (x + 1) * length; k++) {
        const weight = weights[k]!;
        r += weight * data[at]!;
        g += weight * data[at + 1]!;
        b += weight * data[at + 2]!;
        at += 3;
      }
      pixels[out] = r >> BITS;
      pixels[out + 1] = g >> BITS;
      pixels[out + 2] = b >> BITS;
      out += 3;
    }
  return target;
}

/** Every column of pixels at another length, a whole row at a time. */
function resizeColumns({ width, data }: Picture, { first, weights, length }: Taps): Picture {
  const target = picture(width, first.length);
  const pixels = new Uint8ClampedArray(target.data.buffer);
  const stride = width * 3;
  const sums = new Int32Array(stride);
  for (let y = 0; y < first.length; y++) {
    sums.fill(HALF);
    for (let k = 0; k < length; k++) {
      const weight = weights[y * length + k]!;
      const row = (first[y]! + k) * stride;
      if (weight !== 0) for (let i = 0; i < stride; i++) sums[i] = sums[i]! + weight * data[row + i]!;
    }
    for (let i = 0; i < stride; i++) pixels[y * stride + i] = sums[i]! >> BITS;
  }
  return target;
}

/** For each output pixel, `length` source pixels from `first` on that it draws on; their weights sum to 1. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: Int32Array;
  readonly length: number;
}

function taps(from: number, to: number, kernel: Kernel): Taps {
  const scale = from / to;
  const widened = Math.max(1, scale);
  const reach = kernel.reach * widened;
  const length = Math.min(from, Math.ceil(2 * reach) + 1);
  const first = new Int32Array(to);
  const weights = new Int32Array(to * length);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    // Pulled in at the edges, so that all of them lie inside; those out of reach weigh nothing.
    const start = Math.min(Math.max(0, Math.floor(centre - reach)), from - length);
    const row = Array.from({ length }, (_, k) => {
      const distance = Math.abs(start + k + 0.5 - centre) / widened;
      return distance < kernel.reach ? kernel.weight(distance) : 0;
    });
    const total = row.reduce((sum, weight) => sum + weight, 0);
    first[i] = start;
    for (const [k, weight] of row.entries())
      weights[i * length + k] = Math.round((weight / total) * 2 ** BITS);
  }
  return { first, weights, length };
}
