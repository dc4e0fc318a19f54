/** How an axis is resampled, in the words of ONNX's Resize. */
export interface Resampling {
  /** `nearest`, `linear` or `cubic`. */
  readonly mode: string;
  /** `coordinate_transformation_mode` */
  readonly transformation: string;
  /** `nearest_mode` */
  readonly rounding: string;
  /** `cubic_coeff_a` */
  readonly steepness: number;
  /** Whether places outside weigh nothing, or as the outermost one does. */
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** The axis: how many places it has and gets, and the scale, which need not be their exact ratio. */
export interface ResampledAxis {
  readonly inputs: number;
  readonly outputs: number;
  readonly scale: number;
  /** What is cropped to, from the first place at 0 to the last at 1. */
  readonly region: readonly [start: number, end: number];
}

/** The only coordinates that lie in a region, and outside all inputs where it does. */
const CROPPING = "tf_crop_and_resize";

type Coordinate = (output: number, axis: ResampledAxis) => number;

// ONNX Runtime reckons in float32, and a rounding more or less chooses another neighbour.
const f = Math.fround;

/** Where an output lies among the inputs, by `coordinate_transformation_mode`. */
export const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: (output, { scale }) => f(f((output + 0.5) / scale) - 0.5),
  pytorch_half_pixel: (output, { scale, outputs }) => (outputs > 1 ? f(f((output + 0.5) / scale) - 0.5) : 0),
  half_pixel_symmetric: (output, { scale, outputs, inputs }) => {
    const offset = f((inputs / 2) * f(1 - f(outputs / f(scale * inputs))));
    return f(offset + (output + 0.5) / scale - 0.5);
  },
  align_corners: (output, { outputs, inputs }) =>
    outputs > 1 ? f((output * (inputs - 1)) / (outputs - 1)) : 0,
  asymmetric: (output, { scale }) => f(output / scale),
  [CROPPING]: (output, { outputs, inputs, region: [start, end] }) => {
    const last = inputs - 1;
    if (outputs === 1) return f(0.5 * f(start + end) * last);
    return f(f(start * last) + f(f(output * f(end - start) * last) / (outputs - 1)));
  },
};

/** How a place between two inputs is rounded, by `nearest_mode`. */
const roundings: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The kernels that are convolved with, by distance in inputs; they reach `reach` to either side. */
const kernels: Readonly<
  Record<string, { reach: number; weight(distance: number, steepness: number): number }>
> = {
  linear: { reach: 1, weight: (distance) => Math.max(0, 1 - distance) },
  // Keys 1981
  cubic: {
    reach: 2,
    weight(d, a) {
      if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
    },
  },
};

/** The inputs that an output is mixed from, and what each weighs; an input may occur twice. */
export function mixture(
  output: number,
  axis: ResampledAxis,
  { mode, transformation, rounding, steepness, excludeOutside, antialias }: Resampling,
): (readonly [input: number, weight: number])[] {
  const { inputs, outputs, scale } = axis;
  const clamp = (place: number): number => Math.min(Math.max(place, 0), inputs - 1);
  if (antialias && inputs === outputs) return [[output, 1]];
  const place = scale === 1 ? output : coordinates[transformation]!(output, axis);
  // There a number of its own is filled in.
  if (transformation === CROPPING && (place < 0 || place > inputs - 1)) return [];
  if (mode === "nearest") return [[clamp(roundings[rounding]!(place)), 1]];

  const { reach, weight } = kernels[mode]!;
  // An antialiasing kernel is as much wider as there are more inputs than outputs.
  const width = antialias ? Math.max(1, 1 / scale) : 1;
  const center = mode === "linear" && !antialias ? clamp(place) : place;
  const first = Math.floor(center - reach * width) + 1;
  const near = Array.from({ length: Math.ceil(2 * reach * width) }, (_, at) => first + at);
  const used = excludeOutside ? near.filter((input) => input === clamp(input)) : near;
  const weights = used.map((input) => weight(Math.abs(input - center) / width, steepness));
  const total = weights.reduce((sum, part) => sum + part, 0);
  return used.map((input, at) => [clamp(input), weights[at]! / total] as const);
}
