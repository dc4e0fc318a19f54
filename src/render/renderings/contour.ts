import type { Picture } from "../../base/picture.ts";
import { resizeMap } from "../../base/resize.ts";
import type { Tensor } from "../../base/tensor.ts";
import { averaged } from "../averaged.ts";
import { blend } from "../blend.ts";
import { colormaps, colorOffset, mapSize } from "../colormaps.ts";
import { isoLines, type Segment } from "../iso-lines.ts";
import { strokes } from "../strokes.ts";
import type { RenderingOptions } from "./rendering.ts";

/** Percentages of the photo's area, each with a line around where the map is stronger than elsewhere. */
export const contourAreas = [20, 10, 3] as const;
/** Where the lines' colours are in the colour map, from zero on. */
const strengths = [0.5, 0.75, 1] as const;
/** Values a side. A finer map is averaged first: lines around single pixels say nothing. */
const finest = 32;
/** Places that a line goes through from value to value. */
const smoothness = 4;

/**
 * Lines on the photo around the strongest 20, 10 and 3 percent of its area, as far as these speak for the target; with a signed colour map
 * those which speak against it have lines, too. They say where, and how it ranks, but not how strong it is: a faint map has the same lines.
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
  const [height, width] = coarse.shape as [number, number];
  const field = resizeMap(coarse, smoothness * height, smoothness * width, interpolation);
  const sorted = field.data.map((value) => (signed ? Math.abs(value) : value)).sort();
  const toPhoto = ([x, y]: readonly [number, number]) =>
    [(x * photo.width) / (smoothness * width), (y * photo.height) / (smoothness * height)] as const;
  const lineWidth = Math.max(1.5, Math.max(photo.width, photo.height) / 160);
  let drawn = photo;
  for (const [at, area] of contourAreas.entries()) {
    const level = sorted[Math.ceil(sorted.length * (1 - area / 100)) - 1]!;
    if (level <= 0) continue;
    for (const sign of signed ? [-1, 1] : [1]) {
      const segments = isoLines(field, sign * level).map(
        ([from, to]): Segment => [toPhoto(from), toPhoto(to)],
      );
      const color = colorOffset(signed ? 0.5 + (sign * strengths[at]!) / 2 : strengths[at]!);
      const rim = strokes(segments, 2 * lineWidth, photo);
      const line = strokes(segments, lineWidth, photo);
      drawn = blend(drawn, {
        colors: [20, 20, 20],
        offset: () => 0,
        share: (pixel) => 0.6 * opacity * rim[pixel]!,
      });
      drawn = blend(drawn, { colors: lut, offset: () => color, share: (pixel) => opacity * line[pixel]! });
    }
  }
  return drawn;
}
