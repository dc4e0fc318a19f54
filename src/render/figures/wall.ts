import type { Picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import type { Method } from "../../explain/method.ts";
import type { ClassScore } from "../../model/predict.ts";
import { mapSize } from "../colormaps.ts";
import { heatRange } from "../range.ts";
import { renderings } from "../renderings/index.ts";
import { shrinkToFit } from "../scale.ts";
import { element, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten, text, textWidth } from "../text.ts";
import { badge } from "./badge.ts";
import { counted, said, significant, timeTaken } from "./format.ts";
import { framed } from "./framed.ts";
import { colors, label, margin, sizes } from "./theme.ts";
import { wallHeader, wallHeaderHeight } from "./wall-header.ts";

/** Many explanations of one photo, side by side. */
export interface WallInput {
  readonly photo: Picture;
  /** The photo's file name. */
  readonly name: string;
  readonly model: string;
  /** What was explained, and what the network says of it. */
  readonly target: ClassScore;
  /** The network's first answers, the most probable first. */
  readonly scores: readonly ClassScore[];
  /** What the tiles' scores are. */
  readonly measure?: WallMeasure;
  /** In the order in which they are shown. */
  readonly tiles: readonly WallTile[];
  /** Methods that do not go with the network, and why. */
  readonly omitted: readonly { readonly title: string; readonly reason: string }[];
}

export interface WallMeasure {
  readonly title: string;
  /** In a sentence. */
  readonly summary: string;
  readonly better: "higher" | "lower";
}

/** One explanation. */
export interface WallTile {
  readonly name: string;
  readonly title: string;
  readonly family: string;
  /** What it answers, and how it may mislead. */
  readonly about: Pick<Method, "summary" | "formula" | "paper" | "limits">;
  /** `[H, W]` or `[1, H, W]`, any size. */
  readonly attribution: Tensor<"float32">;
  /** Whether what lies below zero speaks against the target, or says nothing. */
  readonly signed: boolean;
  /** Where it was explained; the input unless given. */
  readonly layer?: string;
  readonly seconds: number;
  /** How often the network was run, forward and backward. */
  readonly passes: number;
  /** By the wall's measure. */
  readonly score?: number;
  /** It knows nothing of what the network sees: others must look and score otherwise. */
  readonly control: boolean;
  /** What a reader must know before the picture. */
  readonly remarks: readonly string[];
}

/** Percentage of a map's strength that no picture of a wall makes room for. */
export const wallClip = 5;
/** Maps with more values a side are too fine for colours over a photo's own. */
const coarse = 64;
const gap = 16;
const across = 1600 - 2 * margin;
/** From many tiles on there are more in a row. */
const many = 18;
const lineHeight = 16;

/**
 * A wall of explanations as an SVG file, 1600 px wide from six tiles on: what the network says of the photo and how to read the rest, then a
 * tile a method with its picture, score, time and passes. Maps whose sign counts are red and blue, the others laid over the photo, each in
 * its own range. Controls have a dashed frame.
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

/** A tile's picture: in red, and blue where the sign counts, on the photo in grey; or of a coarse map without a sign an overlay. */
export function wallPicture(photo: Picture, { attribution, signed }: WallTile): Picture {
  const { width, height } = mapSize(attribution);
  if (!signed && Math.max(width, height) <= coarse)
    return renderings.overlay(photo, attribution, { clip: wallClip });
  const [, high] = heatRange(attribution, signed, wallClip);
  const data = signed ? attribution.data : attribution.data.map((value) => Math.max(0, value));
  return renderings.signed(photo, { ...attribution, data }, { range: [-high, high] });
}

/** A row of what the network says. */
export interface Answer extends ClassScore {
  readonly isTarget: boolean;
  /** Of the largest probability. */
  readonly share: number;
}

/** The network's first five answers, and the target, wherever it stands; of a value that alone. */
export function answersOf({ scores, target }: WallInput): Answer[] {
  const first = scores.slice(0, 5);
  const isAmong = first.some(({ index }) => index === target.index);
  const most = Math.max(...first.map(({ probability }) => probability));
  return (isAmong ? first : [...first, target])
    .filter((score) => said(score) !== "–")
    .map((score) => ({
      ...score,
      isTarget: score.index === target.index,
      share: score.probability / most || 0,
    }));
}

/** `1 pass`, `64 passes`. */
export function passesOf({ passes }: Pick<WallTile, "passes">): string {
  const whole = Math.round(passes);
  return `${whole} ${whole === 1 ? "pass" : "passes"}`;
}

/** Where a score lies between the worst and the best of the wall, 0…1; nowhere without one. */
export function worstToBest({
  tiles,
  measure,
}: WallInput): (score: number | undefined) => number | undefined {
  const scores = tiles.flatMap(({ score }) => (score !== undefined && Number.isFinite(score) ? [score] : []));
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  return (score) => {
    if (score === undefined || !Number.isFinite(score)) return undefined;
    if (low === high) return 1;
    const share = (score - low) / (high - low);
    return measure?.better === "lower" ? 1 - share : share;
  };
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
