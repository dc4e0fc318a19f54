import type { Picture } from "../../base/picture.ts";
import { resizeMap } from "../../base/resize.ts";
import type { Tensor } from "../../base/tensor.ts";
import { faint } from "../../explain/remarks.ts";
import { largestMagnitude } from "../../explain/scaling.ts";
import { averaged } from "../averaged.ts";
import { blend } from "../blend.ts";
import { colormaps, colorOffset, mapSize } from "../colormaps.ts";
import { isoLines, type Point, type Segment } from "../iso-lines.ts";
import { strokes } from "../strokes.ts";
import type { RenderingOptions } from "./rendering.ts";

/** Percentages of the photo's area, each with a line around where the map is stronger than elsewhere. */
export const contourAreas = [20, 10, 3] as const;
/** Where the lines' colours are in the colour map, from zero on. */
const strengths = [0.5, 0.75, 1] as const;
/** Values a side. A finer map is averaged first: lines around single pixels say nothing. */
const finest = 16;
/** Places that a line goes through from value to value. */
const smoothness = 4;
const dark = [20, 20, 20];

/**
 * Lines on the photo around the strongest 20, 10 and 3 percent of its area, as far as these speak for the target with more than a hundredth of
 * the largest magnitude. They say where, and how it ranks, but not how strong it is: half of a map has the same lines.
 * @param options Opacity, which is 1 by default, is that of the lines. `range` and `clip` change nothing.
 */
export function contour(
  photo: Picture,
  attribution: Tensor<"float32">,
  { colormap = "plasma", opacity = 1, interpolation }: RenderingOptions = {},
): Picture {
  mapSize(attribution);
  const { lut, signed } = colormaps[colormap];
  const coarse = averaged(attribution, finest);
  const [rows, columns] = coarse.shape.map((extent) => smoothness * extent) as [number, number];
  const field = resizeMap(coarse, rows, columns, interpolation);
  const ascending = field.data.toSorted();
  const least = faint * largestMagnitude(coarse);
  const toPhoto = ([x, y]: Point): Point => [(x * photo.width) / columns, (y * photo.height) / rows];
  const thickness = Math.max(1.5, Math.max(photo.width, photo.height) / 160);
  return contourAreas.reduce((drawn, area, at) => {
    const level = ascending[Math.ceil(ascending.length * (1 - area / 100)) - 1]!;
    if (level <= least) return drawn;
    const segments = isoLines(field, level).map(([from, to]): Segment => [toPhoto(from), toPhoto(to)]);
    const rim = strokes(segments, 2 * thickness, photo);
    const line = strokes(segments, thickness, photo);
    const color = colorOffset(signed ? 0.5 + strengths[at]! / 2 : strengths[at]!);
    const rimmed = blend(drawn, {
      colors: dark,
      offset: () => 0,
      share: (pixel) => 0.6 * opacity * rim[pixel]!,
    });
    return blend(rimmed, { colors: lut, offset: () => color, share: (pixel) => opacity * line[pixel]! });
  }, photo);
}
