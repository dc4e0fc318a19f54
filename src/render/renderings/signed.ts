import { UsageError } from "../../base/errors.ts";
import { type Picture, picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import { colormaps, colorOffset } from "../colormaps.ts";
import { levelsAt } from "../levels.ts";
import type { RenderingOptions } from "./rendering.ts";

/**
 * What speaks for and what against, as by colours printed on the photo in faint grey: red and blue unless another signed colour map is
 * given, and where neither does the photo alone. Hues are the map's then, and never the photo's.
 *
 *     ground = 255 − (255 − grey) · (1 − opacity)
 *     result = ground · colour(v) / 255
 *
 * @param options Opacity, which is 0.85 by default, is what is covered of the photo everywhere.
 */
export function signed(
  photo: Picture,
  attribution: Tensor<"float32">,
  options: RenderingOptions = {},
): Picture {
  const { opacity = 0.85, colormap: name = "RdBu_r" } = options;
  if (!colormaps[name].signed)
    throw new UsageError(`the rendering "signed" takes a signed colormap, RdBu or RdBu_r, not ${name}`);
  const { colormap, values } = levelsAt(photo, attribution, { ...options, colormap: name });
  const result = picture(photo.width, photo.height);
  for (let pixel = 0; pixel < values.length; pixel++) {
    const [red, green, blue] = photo.data.subarray(3 * pixel, 3 * pixel + 3);
    // The luma of ITU-R BT.601.
    const grey = 0.299 * red! + 0.587 * green! + 0.114 * blue!;
    const ground = 255 - (255 - grey) * (1 - opacity);
    const offset = colorOffset(values[pixel]!);
    for (let c = 0; c < 3; c++)
      result.data[3 * pixel + c] = Math.round((ground * colormap.lut[offset + c]!) / 255);
  }
  return result;
}
