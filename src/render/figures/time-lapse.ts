import type { Picture } from "../../base/picture.ts";
import { type ColormapName, colormaps } from "../colormaps.ts";
import { hasEvidence, type Moment, sharedRange, spread } from "../moments.ts";
import { overlay } from "../renderings/overlay.ts";
import { shrinkToFit } from "../scale.ts";
import { type Box, element, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten, text, textWidth } from "../text.ts";
import { colorbar } from "./colorbar.ts";
import { counted, said, significant } from "./format.ts";
import { framed } from "./framed.ts";
import { colors, header, headerHeight, label, margin, sizes } from "./theme.ts";

/** A photo as a network saw it while it learnt. */
export interface TimeLapsePhoto {
  readonly photo: Picture;
  /** The class that the heatmaps speak for, or the true value. */
  readonly label: string;
  /** The photo's file name. */
  readonly name: string;
  /** After some epochs, the same ones for every photo. */
  readonly moments: readonly Moment[];
}

export interface TimeLapseInput {
  readonly photos: readonly TimeLapsePhoto[];
  /** How the heatmaps came about: `Grad-CAM, layer conv2d_3`. */
  readonly method: string;
  /** The epoch to mark. */
  readonly best?: number;
  readonly colormap?: ColormapName;
}

const tile = 88;
const gap = 4;
const heads = 24;
const row = { title: 28, words: 20, gap: 12 };
const rowHeight = row.title + tile + row.words + row.gap;
const bar = { gap: 8, width: 12, labels: 68 };

/**
 * What a network looked at while it learnt, as an SVG file: a row a photo, a column an epoch, at most ten of them, and below each heatmap
 * the probability of the class, or the value. All heatmaps of a row share one scale.
 */
export function timeLapseFigure(
  { photos, method, best, colormap = "plasma" }: TimeLapseInput,
  fonts: Fonts,
): string {
  const rows = photos.map((photo) => ({ ...photo, moments: spread(photo.moments, best) }));
  const shown = rows[0]?.moments ?? [];
  const place = (column: number): number => margin + column * (tile + gap);
  const width = Math.max(560, place(shown.length + 1) + bar.gap + bar.width + bar.labels);
  const title = "What it looks at while it learns";
  const of = shown.some(({ value }) => value !== undefined)
    ? "of what raised the value; below, what it said"
    : "for the class named; below, its probability";
  const summary = `${method}, ${of}`;
  const heading = (words: string, column: number, fill: string = colors.quiet): SvgElement =>
    label(fonts, words, { x: place(column) + tile / 2, y: headerHeight + 16, anchor: "middle", fill });
  return svgDocument({
    title,
    description: `${summary} · ${counted(photos.length, "photo")}, each on one scale`,
    width,
    height: headerHeight + heads + Math.max(1, rows.length) * rowHeight + margin - row.gap,
    children: [
      ...header(fonts, title, summary, width),
      ...(rows.length > 0 ? [heading("photo", 0)] : []),
      ...shown.map(({ epoch }, at) =>
        epoch === best
          ? heading(`epoch ${epoch}, best`, at + 1, colors.ink)
          : heading(`epoch ${epoch}`, at + 1),
      ),
      ...rows.flatMap((photo, at) =>
        strip(photo, { x: margin, y: headerHeight + heads + at * rowHeight }, { best, colormap, fonts }),
      ),
    ],
  });
}

function strip(
  { photo: original, label: name, name: file, moments }: TimeLapsePhoto,
  { x, y }: Pick<Box, "x" | "y">,
  { best, colormap, fonts }: { best: number | undefined; colormap: ColormapName; fonts: Fonts },
): SvgElement[] {
  const photo = shrinkToFit(original, 2 * tile, 2 * tile);
  const { signed } = colormaps[colormap];
  const range = sharedRange(moments, signed);
  // The range of empty maps is arbitrary; only its 0 is true.
  const ticks = signed || hasEvidence(moments) ? range : [0];
  const boxAt = (column: number): Box => ({
    x: x + column * (tile + gap),
    y: y + row.title,
    width: tile,
    height: tile,
  });
  const end = boxAt(moments.length + 1);
  const title = shorten(fonts.bold, name, sizes.body, 2 * tile);
  return [
    text(fonts.bold, title, { x, y: y + 20, size: sizes.body, fill: colors.ink }),
    label(fonts, shorten(fonts.regular, file, sizes.small, 3 * tile), {
      x: x + textWidth(fonts.bold, title, sizes.body) + 8,
      y: y + 20,
    }),
    ...framed(photo, boxAt(0)),
    ...moments.flatMap((moment, at) => {
      const box = boxAt(at + 1);
      return [
        ...framed(overlay(photo, moment.attribution, { colormap, range }), box),
        ...(moment.epoch === best
          ? [element("rect", { ...box, fill: "none", stroke: colors.ink, "stroke-width": 2 })]
          : []),
        label(fonts, said(moment), {
          x: box.x + tile / 2,
          y: box.y + tile + 16,
          anchor: "middle",
          fill: colors.ink,
        }),
      ];
    }),
    ...colorbar(fonts, colormap, { ...end, x: end.x + bar.gap, width: bar.width }, ticks.map(significant)),
  ];
}
