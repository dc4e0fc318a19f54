import { element, type SvgElement } from "../svg.ts";
import { type Fonts, shorten, type TextOptions, text, textWidth } from "../text.ts";

/** Ground is white; only data has colour. Train and validation differ in hue and in lightness. */
export const colors = {
  ink: "#1f2328",
  quiet: "#59636e",
  axis: "#8c959f",
  line: "#d1d9e0",
  grid: "#e9edf1",
  empty: "#f3f5f7",
  warning: "#8a4b00",
  train: "#e8912d",
  validation: "#174a84",
  right: [23, 74, 132],
  wrong: [184, 76, 10],
} as const;

/** For things of one kind, side by side; told apart by those who do not see red or green, too (after Okabe and Ito 2008). */
export const series = ["#174a84", "#e8912d", "#009e73", "#cc79a7", "#56b4e9", "#59636e"] as const;

/** Distances are multiples of 4 px. */
export const margin = 24;
export const sizes = { title: 18, body: 13, small: 12, tick: 11 } as const;

/** Height that `header` takes, margin included. */
export const headerHeight = 76;

/** Title and subtitle at the figure's upper left, each cut to the width. */
export function header(fonts: Fonts, title: string, subtitle: string, width: number): SvgElement[] {
  const room = width - 2 * margin;
  return [
    text(fonts.bold, shorten(fonts.bold, title, sizes.title, room), {
      x: margin,
      y: 40,
      size: sizes.title,
      fill: colors.ink,
    }),
    text(fonts.regular, shorten(fonts.regular, subtitle, sizes.body, room), {
      x: margin,
      y: 60,
      size: sizes.body,
      fill: colors.quiet,
    }),
  ];
}

/** A label in the regular weight; quiet and small unless told otherwise. */
export function label(
  fonts: Fonts,
  content: string,
  options: Pick<TextOptions, "x" | "y"> & Partial<TextOptions>,
): SvgElement {
  return text(fonts.regular, content, { size: sizes.small, fill: colors.quiet, ...options });
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string): SvgElement {
  return element("line", { x1, y1, x2, y2, stroke });
}

/** A dashed line through a plot at `at`, with its words above it, which stay between left and right. */
export function taggedLine(
  fonts: Fonts,
  words: string,
  { at, left, right, top, bottom }: Readonly<Record<"at" | "left" | "right" | "top" | "bottom", number>>,
): SvgElement[] {
  const half = textWidth(fonts.regular, words, sizes.tick) / 2;
  const centre = Math.max(left + half, Math.min(right - half, at));
  return [
    element("line", {
      x1: at,
      y1: top - 4,
      x2: at,
      y2: bottom,
      stroke: colors.axis,
      "stroke-dasharray": "3 3",
    }),
    label(fonts, words, { x: centre, y: top - 12, anchor: "middle", size: sizes.tick, fill: colors.ink }),
  ];
}
