import { UsageError } from "../base/errors.ts";
import type { Size } from "../base/picture.ts";
import type { Random } from "../base/random.ts";
import { float32, type Tensor } from "../base/tensor.ts";

/**
 * The random transform that each training picture gets, with the meaning that Keras's `ImageDataGenerator` gives these
 * ranges; see `drawTransform`.
 */
export interface Augmentation {
  /** Largest rotation either way, in degrees. */
  readonly rotation: number;
  /** Largest shift either way, as a fraction of the width; below 1. */
  readonly widthShift: number;
  /** Largest shift either way, as a fraction of the height; below 1. */
  readonly heightShift: number;
  /** Largest shear either way, in degrees: Keras's 0.2 is a fifth of a degree, which nobody sees. */
  readonly shear: number;
  /** Both axes are scaled by their own factor from `1 − zoom` to `1 + zoom`; below 1. */
  readonly zoom: number;
  /** Mirror every second picture, left to right. */
  readonly horizontalFlip: boolean;
}

/** What Chollet's cats-and-dogs notebook trains with. */
export const defaultAugmentation: Augmentation = {
  rotation: 40,
  widthShift: 0.2,
  heightShift: 0.2,
  shear: 0.2,
  zoom: 0.2,
  horizontalFlip: true,
};

/** Leaves every picture as it is. */
export const noAugmentation: Augmentation = {
  rotation: 0,
  widthShift: 0,
  heightShift: 0,
  shear: 0,
  zoom: 0,
  horizontalFlip: false,
};

const bounds: Readonly<Record<Exclude<keyof Augmentation, "horizontalFlip">, number>> = {
  rotation: 180,
  widthShift: 0.99,
  heightShift: 0.99,
  shear: 89,
  zoom: 0.99,
};

/** @throws UsageError when a range is outside its bounds. */
export function checkAugmentation(augmentation: Augmentation): void {
  for (const [name, most] of Object.entries(bounds) as [keyof typeof bounds, number][]) {
    const value = augmentation[name];
    if (!(value >= 0 && value <= most))
      throw new UsageError(`the augmentation's ${name} is ${value}; it must lie between 0 and ${most}`);
  }
}

/** Rows of a 2×3 affine matrix `[a, b, c, d, e, f]`: `x' = a·x + b·y + c`, `y' = d·x + e·y + f`, in pixels. */
export type Transform = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * Draws a transform from each pixel of the new picture to the place in the old one that it shows.
 *
 * Follows `apply_affine_transform` of keras/src/legacy/preprocessing/image.py: rotation · shift · shear · zoom about the
 * picture's centre `(extent − 1) / 2`, then the flip of the result. Two departures, neither visible in a square picture
 * with equal shift ranges: Keras moves columns by the *height* range and rows by the width range, and takes each axis's
 * centre from the other's extent; here each range acts on the axis in its name.
 */
export function drawTransform(random: Random, augmentation: Augmentation, size: Size): Transform {
  const around = (range: number): number => random.uniform(-range, range);
  const theta = radians(around(augmentation.rotation));
  const shiftX = around(augmentation.widthShift) * size.width;
  const shiftY = around(augmentation.heightShift) * size.height;
  const shear = radians(around(augmentation.shear));
  const zoomX = 1 + around(augmentation.zoom);
  const zoomY = 1 + around(augmentation.zoom);
  const flip = random.next() < 0.5 && augmentation.horizontalFlip;
  return composeTransform({ theta, shiftX, shiftY, shear, zoomX, zoomY, flip }, size);
}

/** The numbers of one transform: angles in radians, shifts in pixels. */
export interface TransformParameters {
  readonly theta: number;
  readonly shiftX: number;
  readonly shiftY: number;
  readonly shear: number;
  readonly zoomX: number;
  readonly zoomY: number;
  readonly flip: boolean;
}

/** The matrix of given parameters, as described at `drawTransform`. */
export function composeTransform(parameters: TransformParameters, { width, height }: Size): Transform {
  const { theta, shiftX, shiftY, shear, zoomX, zoomY, flip } = parameters;
  const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  // Rotation · shear · zoom, multiplied out; a mirrored picture reads the transformed one from right to left.
  const mirror = flip ? -1 : 1;
  const a = cos * zoomX * mirror;
  const b = (-cos * Math.sin(shear) - sin * Math.cos(shear)) * zoomY;
  const d = sin * zoomX * mirror;
  const e = (-sin * Math.sin(shear) + cos * Math.cos(shear)) * zoomY;
  const c = centreX + cos * shiftX - sin * shiftY - a * centreX - b * centreY;
  const f = centreY + sin * shiftX + cos * shiftY - d * centreX - e * centreY;
  return [a, b, c, d, e, f];
}

/** Draws `count` transforms and lays them out as the warp takes them (`warpTransforms`). */
export function drawTransforms(
  random: Random,
  augmentation: Augmentation,
  size: Size,
  count: number,
): Tensor<"float32"> {
  return warpTransforms(
    Array.from({ length: count }, () => drawTransform(random, augmentation, size)),
    size,
  );
}

/**
 * Transforms as the warp's graph takes them, `[N, 3, 2]`: from pixels counted from the picture's centre to −1…1 across
 * the picture. Centred coordinates are half as large as pixel numbers, and float32 keeps twice as much of them.
 */
export function warpTransforms(transforms: readonly Transform[], { width, height }: Size): Tensor<"float32"> {
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const values = transforms.flatMap(([a, b, c, d, e, f]) => [
    ...[a / centreX, d / centreY],
    ...[b / centreX, e / centreY],
    ...[(a * centreX + b * centreY + c) / centreX - 1, (d * centreX + e * centreY + f) / centreY - 1],
  ]);
  return float32([transforms.length, 3, 2], values);
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
