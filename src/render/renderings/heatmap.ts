import type { Picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import { blend } from "../blend.ts";
import { colorOffset } from "../colormaps.ts";
import { levelsAt } from "../levels.ts";
import type { RenderingOptions } from "./rendering.ts";

/**
 * The map alone: every value in its colour, and as a square unless interpolated, so that nobody reads more into it than it has.
 * @param options Opacity is 1 by default; with less the photo shines through, evenly.
 */
export function heatmap(
  photo: Picture,
  attribution: Tensor<"float32">,
  options: RenderingOptions = {},
): Picture {
  const { opacity = 1, interpolation = "nearest" } = options;
  const { colormap, values } = levelsAt(photo, attribution, { ...options, interpolation });
  return blend(photo, {
    colors: colormap.lut,
    offset: (pixel) => colorOffset(values[pixel]!),
    share: () => opacity,
  });
}
