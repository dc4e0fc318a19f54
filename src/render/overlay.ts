import { type Picture, picture } from "../base/picture.ts";
import { resizeMap } from "../base/resize.ts";
import type { Tensor } from "../base/tensor.ts";
import { type ColorOptions, colormaps, colorOffset, heatRange, mapSize } from "./colormaps.ts";

export interface OverlayOptions extends ColorOptions {
  /** How much of the photo the strongest value covers, 0…1. Default 0.8. */
  readonly opacity?: number;
}

/**
 * Lays an attribution as a heatmap over a photo, at the photo's size.
 *
 * With `v` the attribution, resized bilinearly and brought from `range` to 0…1:
 *
 *     strength = v            (signed colour map: |2 v − 1|)
 *     result   = photo + (colour(v) − photo) · opacity · strength
 *
 * so where there is no evidence the photo stays as it is, and a map that is zero everywhere changes nothing. The
 * default range starts at 0 and is that of the map before it is resized, which is what its colour bar shows.
 *
 * @param attribution `[H, W]` or `[1, H, W]`, any size.
 * @throws UserError when the attribution holds NaN or infinities, or has several channels.
 */
export function overlay(
  photo: Picture,
  attribution: Tensor<"float32">,
  options: OverlayOptions = {},
): Picture {
  mapSize(attribution);
  const { lut, signed } = colormaps[options.colormap ?? "plasma"];
  const [low, high] = options.range ?? heatRange(attribution, signed);
  const opacity = options.opacity ?? 0.8;
  const { data: values } = resizeMap(attribution, photo.height, photo.width);
  const result = picture(photo.width, photo.height);
  for (let i = 0; i < values.length; i++) {
    const value = Math.max(0, Math.min(1, (values[i]! - low) / (high - low)));
    const share = opacity * (signed ? Math.abs(2 * value - 1) : value);
    const offset = colorOffset(value);
    for (let c = 0; c < 3; c++) {
      const under = photo.data[3 * i + c]!;
      result.data[3 * i + c] = Math.round(under + (lut[offset + c]! - under) * share);
    }
  }
  return result;
}
