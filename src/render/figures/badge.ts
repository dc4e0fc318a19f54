import { element, type SvgElement } from "../svg.ts";
import { type Fonts, text, textWidth } from "../text.ts";
import { sizes } from "./theme.ts";

const height = 18;
const padding = 6;

/** A few words on a picture, light on dark, in a corner: `x` is its left end, or its right end, `bottom` its lower one. */
export function badge(
  fonts: Fonts,
  words: string,
  {
    x,
    bottom,
    anchor = "start",
  }: { readonly x: number; readonly bottom: number; readonly anchor?: "start" | "end" },
): SvgElement[] {
  const width = textWidth(fonts.regular, words, sizes.tick) + 2 * padding;
  const left = anchor === "start" ? x : x - width;
  return [
    element("rect", {
      x: left,
      y: bottom - height,
      width,
      height,
      rx: 4,
      fill: "#16181c",
      "fill-opacity": 0.72,
    }),
    text(fonts.regular, words, { x: left + padding, y: bottom - 5, size: sizes.tick, fill: "#ffffff" }),
  ];
}
