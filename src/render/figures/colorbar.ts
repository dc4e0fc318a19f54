import { picture } from "../../base/picture.ts";
import { type ColormapName, colormaps } from "../colormaps.ts";
import { type Box, element, embed, type SvgElement } from "../svg.ts";
import type { Fonts } from "../text.ts";
import { colors, label, sizes } from "./theme.ts";

/** A colour bar, upright or lying as its box is, with labels spread evenly from its low to its high end; a single one is the low end's. */
export function colorbar(
  fonts: Fonts,
  name: ColormapName,
  box: Box,
  labels: readonly string[],
): SvgElement[] {
  const upright = box.height > box.width;
  const { lut } = colormaps[name];
  const scale = upright ? picture(1, 256) : picture(256, 1, lut);
  if (upright) for (let i = 0; i < 256; i++) scale.data.set(lut.subarray(3 * i, 3 * i + 3), 3 * (255 - i));
  return [
    embed(scale, box, "map"),
    element("rect", { ...box, fill: "none", stroke: colors.line }),
    ...labels.map((content, i) => {
      const part = i / Math.max(1, labels.length - 1);
      return upright
        ? label(fonts, content, {
            x: box.x + box.width + 8,
            // The first and last stand within the bar's height, so that they line up with the pictures beside it.
            y: box.y + box.height - part * (box.height - 8),
            size: sizes.tick,
          })
        : label(fonts, content, {
            x: box.x + part * box.width,
            y: box.y + box.height + 14,
            size: sizes.tick,
            anchor: part === 0 ? "start" : part === 1 ? "end" : "middle",
          });
    }),
  ];
}
