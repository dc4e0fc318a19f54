import type { Picture } from "../../base/picture.ts";
import { mapSize } from "../colormaps.ts";
import { shrinkToFit } from "../scale.ts";
import { element, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten, text, textWidth } from "../text.ts";
import { passesOf, type WallInput, type WallTile, wallPicture, worstToBest } from "../wall.ts";
import { badge } from "./badge.ts";
import { counted, significant, timeTaken } from "./format.ts";
import { framed } from "./framed.ts";
import { colors, label, margin, sizes } from "./theme.ts";
import { wallHeader, wallHeaderHeight } from "./wall-header.ts";

const gap = 16;
const across = 1600 - 2 * margin;
/** From many tiles on there are more in a row. */
const many = 18;
const lineHeight = 16;

/**
 * A wall of explanations as an SVG file, 1600 px wide from six tiles on: what the network says of the photo and how to read the rest, then a
 * tile a method with its picture, score, time and passes. Controls have a dashed frame.
 */
export function wallFigure(input: WallInput, fonts: Fonts): string {
  const { photo, tiles, omitted } = input;
  const full = tiles.length > many ? 8 : 6;
  const columns = Math.min(full, Math.max(4, tiles.length));
  const tileWidth = Math.floor((across - (full - 1) * gap) / full);
  const pictureHeight = Math.round(tileWidth * Math.max(0.5, Math.min(1.5, photo.height / photo.width)));
  const lines = tiles.some(({ remarks }) => remarks.length > 0) ? 3 : 2;
  const tileHeight = pictureHeight + 30 + lines * lineHeight;
  const rows = Math.ceil(tiles.length / columns);
  const width = 2 * margin + columns * tileWidth + (columns - 1) * gap;
  const foot = wallHeaderHeight + rows * (tileHeight + gap);
  const shareOf = worstToBest(input);
  const small = shrinkToFit(photo, 1.5 * tileWidth, 1.5 * pictureHeight);
  return svgDocument({
    title: `Why ${input.target.label}?`,
    description: `${counted(tiles.length, "explanation")} of ${input.name} by ${input.model}`,
    width,
    height: foot + omitted.length * lineHeight + margin,
    children: [
      ...wallHeader(input, width, fonts),
      ...tiles.flatMap((tile, at) =>
        drawn(tile, small, {
          ...{ x: margin + (at % columns) * (tileWidth + gap) },
          ...{ y: wallHeaderHeight + Math.floor(at / columns) * (tileHeight + gap) },
          ...{ width: tileWidth, height: pictureHeight, share: shareOf(tile.score), fonts },
        }),
      ),
      ...omitted.map(({ title, reason }, at) =>
        label(fonts, shorten(fonts.regular, `${title}: ${reason}`, sizes.small, width - 2 * margin), {
          ...{ x: margin, y: foot + at * lineHeight + 8 },
        }),
      ),
    ],
  });
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Of the picture. */
  readonly height: number;
  readonly share: number | undefined;
  readonly fonts: Fonts;
}

function drawn(tile: WallTile, photo: Picture, { x, y, width, height, share, fonts }: Place): SvgElement[] {
  const { control } = tile;
  const map = mapSize(tile.attribution);
  const bottom = y + height;
  const score = tile.score === undefined ? "" : significant(tile.score);
  const bar = { x, y: bottom + 5, height: 3, rx: 1.5 };
  const lineAt = (at: number) => ({ x, y: bottom + 26 + at * lineHeight });
  const line = (words: string, at: number, room = width): SvgElement =>
    label(fonts, shorten(fonts.regular, words, sizes.small, room), lineAt(at));
  return [
    ...framed(wallPicture(photo, tile), { x, y, width, height }),
    ...(control
      ? [
          element("rect", {
            ...{ x: x + 1, y: y + 1, width: width - 2, height: height - 2, fill: "none" },
            ...{ stroke: colors.ink, "stroke-width": 2, "stroke-dasharray": "7 5" },
          }),
          ...badge(fonts, "control", { x: x + width - 6, bottom: y + 24, anchor: "end" }),
        ]
      : []),
    ...badge(fonts, `${map.width}×${map.height}`, { x: x + 6, bottom: bottom - 6 }),
    ...(share === undefined
      ? []
      : [
          element("rect", { ...bar, width, fill: colors.grid }),
          element("rect", {
            ...{ ...bar, width: Math.max(3, share * width) },
            fill: control ? colors.axis : colors.validation,
          }),
        ]),
    text(fonts.bold, shorten(fonts.bold, tile.title, sizes.body, width), {
      ...{ ...lineAt(0), size: sizes.body, fill: colors.ink },
    }),
    line(
      `${timeTaken(tile.seconds)} · ${passesOf(tile)}`,
      1,
      width - textWidth(fonts.bold, `${score} `, sizes.body),
    ),
    ...(score
      ? [
          text(fonts.bold, score, {
            ...{ x: x + width, y: lineAt(1).y, anchor: "end", size: sizes.body, fill: colors.ink },
          }),
        ]
      : []),
    line(tile.layer ?? "input", 2),
    ...tile.remarks.slice(0, 1).map((remark) =>
      label(fonts, shorten(fonts.regular, remark.split(":")[0]!, sizes.small, width), {
        ...{ ...lineAt(3), fill: colors.warning },
      }),
    ),
  ];
}
