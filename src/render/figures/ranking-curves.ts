import type { Point, Ranking } from "../../evaluate/ranking.ts";
import { element, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten, textWidth } from "../text.ts";
import { area } from "./format.ts";
import { colors, header, headerHeight, label, margin, series, sizes } from "./theme.ts";
import { squareAxes, type UnitSquare, unitSquare } from "./unit-square.ts";

export interface RankingInput {
  /** Class names in label order. */
  readonly classes: readonly string[];
  /** Each class against all others, in the same order. */
  readonly rankings: readonly Ranking[];
  /** Whether a picture may be of several; then no class is the mirror image of another. */
  readonly overlapping?: boolean;
  /** What was ranked: `validation`, say. */
  readonly split?: string;
}

/** A class's curve, and the area under it. */
export interface RankingCurve {
  readonly name: string;
  readonly points: readonly Point[];
  readonly area: number;
}

export interface RankingPlot {
  readonly title: string;
  readonly summary: string;
  readonly axes: { readonly x: string; readonly y: string };
  readonly curves: readonly RankingCurve[];
  /** What is drawn below the curves. */
  readonly ground: (square: UnitSquare) => SvgElement[];
}

const width = 480;
const side = width - 2 * margin - 52;
const rowHeight = 20;

/** Curves on a unit square as an SVG file: of many classes those with the least areas, which have most to tell. */
export function rankingPlot({ title, summary, axes, curves, ground }: RankingPlot, fonts: Fonts): string {
  const drawn = curves.length > series.length ? leastAreas(curves) : curves;
  const square = unitSquare(margin + 52, headerHeight + 16, side);
  const keyTop = square.bottom + 64;
  const left = curves.length - drawn.length;
  return svgDocument({
    title,
    description: summary,
    width,
    height: keyTop + rowHeight * (drawn.length + (left > 0 ? 1 : 0)) + margin,
    children: [
      ...header(fonts, title, summary, width),
      ...squareAxes(square, axes, fonts),
      ...ground(square),
      ...drawn.map((curve, i) => stroke(path(curve.points, square), i)),
      ...drawn.flatMap((curve, i) => key(curve, i, square, keyTop + rowHeight * i, fonts)),
      ...(left > 0
        ? [
            label(fonts, `and ${left} more with greater areas`, {
              x: square.left + 36,
              y: keyTop + rowHeight * drawn.length + 4,
            }),
          ]
        : []),
    ],
  });
}

/** Area under the curves on average. */
export function meanArea(curves: readonly RankingCurve[]): string {
  return area(curves.reduce((sum, curve) => sum + curve.area, 0) / curves.length);
}

function leastAreas(curves: readonly RankingCurve[]): RankingCurve[] {
  return curves.toSorted((a, b) => a.area - b.area).slice(0, series.length);
}

/** Points that would fall on the one before are left out: thousands of pictures need no more than the square has pixels. */
function path(points: readonly Point[], { x, y }: UnitSquare): string {
  let d = "";
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  points.forEach((point, i) => {
    const [px, py] = [x(point[0]), y(point[1])];
    if (Math.abs(px - lastX) < 0.5 && Math.abs(py - lastY) < 0.5 && i < points.length - 1) return;
    d += `${d ? "L" : "M"}${px.toFixed(2)} ${py.toFixed(2)}`;
    [lastX, lastY] = [px, py];
  });
  return d;
}

function stroke(d: string, index: number): SvgElement {
  return element("path", {
    d,
    fill: "none",
    stroke: series[index],
    "stroke-width": 2,
    "stroke-linejoin": "round",
  });
}

function key(
  curve: RankingCurve,
  index: number,
  { left, right }: UnitSquare,
  y: number,
  fonts: Fonts,
): SvgElement[] {
  const figure = area(curve.area);
  const style = { y: y + 4, fill: colors.ink };
  const room = right - left - 48 - textWidth(fonts.regular, figure, sizes.small);
  return [
    stroke(`M${left} ${y}H${left + 24}`, index),
    label(fonts, shorten(fonts.regular, curve.name, sizes.small, room), { ...style, x: left + 36 }),
    label(fonts, figure, { ...style, x: right, anchor: "end" }),
  ];
}
