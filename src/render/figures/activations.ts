import type { ActivationGrid } from "../activation-grid.ts";
import { embed, svgDocument } from "../svg.ts";
import type { Fonts } from "../text.ts";
import { colorbar } from "./colorbar.ts";
import { counted } from "./format.ts";
import { header, headerHeight, label, margin } from "./theme.ts";

export interface ActivationsInput {
  readonly layer: string;
  readonly grid: ActivationGrid;
  /** The photo's file name. */
  readonly name?: string;
}

/** Wider grids are shown at a half, a third, … of their pixels, so that these still fall on whole ones. */
const widest = 1440;
const narrowest = 560;
const bar = { width: 192, height: 12 };

/** One layer's activation grid as an SVG file, with its title and the scale of its colours. */
export function activationsFigure({ layer, grid, name }: ActivationsInput, fonts: Fonts): string {
  const [channels, mapHeight, mapWidth] = grid.shape;
  const divisor = Math.ceil(grid.picture.width / widest);
  const shown = { width: grid.picture.width / divisor, height: grid.picture.height / divisor };
  const width = 2 * margin + Math.max(narrowest, Math.ceil(shown.width));
  const title = `${layer}: ${counted(channels, "channel")}, ${mapWidth}×${mapHeight}`;
  const dead =
    grid.dead.length > 0 ? `${grid.dead.length} of ${counted(channels, "channel")} dead (hatched)` : "";
  const summary = [dead, "each channel on its own scale", name].filter(Boolean).join(" · ");
  const top = headerHeight;
  const legend = top + Math.ceil(shown.height) + 16;
  return svgDocument({
    title,
    description: summary,
    width,
    height: legend + bar.height + 20 + margin,
    children: [
      ...header(fonts, title, summary, width),
      embed(grid.picture, { x: margin, y: top, ...shown }, "map"),
      ...colorbar(fonts, grid.colormap, { x: margin, y: legend, ...bar }, ["−2 SD", "mean", "+2 SD"]),
      label(fonts, "SD: standard deviation within the channel", {
        x: margin + bar.width + 16,
        y: legend + 10,
      }),
    ],
  });
}
