import type { Size } from "../base/picture.ts";
import { type Interpolation, resizeMap } from "../base/resize.ts";
import type { Tensor } from "../base/tensor.ts";
import { type Colormap, type ColorOptions, colormaps, mapSize } from "./colormaps.ts";
import { heatRange } from "./range.ts";

export interface LevelOptions extends ColorOptions {
  /** How a map is enlarged to the photo's size. Default `bilinear`. */
  readonly interpolation?: Interpolation;
}

/** A map at a photo's size. */
export interface Levels {
  readonly colormap: Colormap;
  /** A value for each pixel, 0…1 from the first to the last colour. */
  readonly values: Float32Array;
  /** How much a value says, 0…1: `v`, or for a signed colour map `|2 v − 1|`. */
  strength(value: number): number;
}

/**
 * The map's values in its range, which is that of the map as it is, and which its colour bar shows; then enlarged. What lies outside is cut
 * off before, so that it does not reach its neighbours.
 * @throws UserError when the map holds NaN or infinities, or is no single map
 */
export function levelsAt({ width, height }: Size, map: Tensor<"float32">, options: LevelOptions): Levels {
  mapSize(map);
  const colormap = colormaps[options.colormap ?? "plasma"];
  const [low, high] = options.range ?? heatRange(map, colormap.signed, options.clip);
  const data = map.data.map((value) => Math.max(0, Math.min(1, (value - low) / (high - low))));
  return {
    colormap,
    values: resizeMap({ ...map, data }, height, width, options.interpolation).data,
    strength: colormap.signed ? (value) => Math.abs(2 * value - 1) : (value) => value,
  };
}
