import type { Picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import { blend } from "../blend.ts";
import { colorOffset } from "../colormaps.ts";
import { levelsAt } from "../levels.ts";
import type { RenderingOptions } from "./rendering.ts";

/**
 * Lays an attribution as a heatmap over a photo, at the photo's size.
 *
 * With `v` the attribution, brought from `range` to 0…1 and enlarged:
 *
 *     strength = v            (signed colour map: |2 v − 1|)
 *     result   = photo + (colour(v) − photo) · opacity · strength
 *
 * so where there is no evidence the photo stays as it is, and a map that is zero everywhere changes nothing.
 *
 * @param attribution `[H, W]` or `[1, H, W]`, any size.
 * @param options Opacity, which is 0.8 by default, is what the strongest value covers.
 * @throws UserError when the attribution holds NaN or infinities, or has several channels.
 */
export function overlay(
  photo: Picture,
  attribution: Tensor<"float32">,
  options: RenderingOptions = {},
): Picture {
  const { opacity = 0.8 } = options;
  const { colormap, values, strength } = levelsAt(photo, attribution, options);
  return blend(photo, {
    colors: colormap.lut,
    offset: (pixel) => colorOffset(values[pixel]!),
    share: (pixel) => opacity * strength(values[pixel]!),
  });
}
