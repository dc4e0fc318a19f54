import type { Calibration, CalibrationBin } from "../../evaluate/calibration.ts";
import { element, type SvgElement, svgDocument } from "../svg.ts";
import type { Fonts } from "../text.ts";
import { counted, percent, significant } from "./format.ts";
import { colors, header, headerHeight, label, line, margin, sizes } from "./theme.ts";
import { diagonal, squareAxes, type UnitSquare, unitSquare } from "./unit-square.ts";

export interface ReliabilityInput {
  readonly calibration: Calibration;
  /** What was counted: `validation`, say. */
  readonly split?: string;
}

const width = 480;
const histogramHeight = 56;
const side = width - 2 * margin - 52;

/**
 * A reliability diagram as an SVG file: how often answers of each confidence are right, with 95% intervals, how far that is
 * from the confidence, and how many such answers there are.
 */
export function reliabilityFigure({ calibration, split }: ReliabilityInput, fonts: Fonts): string {
  const { bins, ece, mce, brier } = calibration;
  const filled = bins.filter(({ n }) => n > 0);
  const total = bins.reduce((sum, { n }) => sum + n, 0);
  const title = split ? `Reliability, ${split}` : "Reliability";
  const summary = `${counted(total, "picture")} · ECE ${percent(ece)} · MCE ${percent(mce)} · Brier ${significant(brier)}`;
  const square = unitSquare(margin + 52, headerHeight + 16, side);
  const histogramTop = square.bottom + 60;
  const keyTop = histogramTop + histogramHeight + 16;
  return svgDocument({
    title,
    description: summary,
    width,
    height: keyTop + 32 + margin,
    children: [
      ...header(fonts, title, summary, width),
      ...squareAxes(square, { x: "confidence", y: "accuracy" }, fonts),
      ...filled.flatMap((bin) => bar(bin, square)),
      diagonal(square),
      ...filled.flatMap((bin) => whisker(bin, square)),
      ...histogram(filled, square, histogramTop, fonts),
      ...key(square.left, keyTop, fonts),
    ],
  });
}

const accuracyFill = "#8fb0d6";
const gapFill = "#f0b98f";

/** Accuracy as a bar, and over it or below its top what parts it from the mean confidence. */
function bar(
  { low, high, accuracy, confidence }: CalibrationBin,
  { x, y, bottom }: UnitSquare,
): SvgElement[] {
  const place = { x: x(low) + 1, width: x(high) - x(low) - 2 };
  const upper = Math.max(accuracy, confidence);
  const gap = Math.abs(accuracy - confidence);
  return [
    element("rect", { ...place, y: y(accuracy), height: bottom - y(accuracy), fill: accuracyFill }),
    element("rect", { ...place, y: y(upper), height: y(0) - y(gap), fill: gapFill, "fill-opacity": 0.8 }),
  ];
}

function whisker({ low, high, accuracy, interval }: CalibrationBin, { x, y }: UnitSquare): SvgElement[] {
  const centre = x((low + high) / 2);
  return [
    line(centre, y(interval[0]), centre, y(interval[1]), colors.validation),
    element("circle", { cx: centre, cy: y(accuracy), r: 3, fill: colors.validation }),
  ];
}

/** How many answers there are of each confidence. */
function histogram(
  bins: readonly CalibrationBin[],
  { left, right, x }: UnitSquare,
  top: number,
  fonts: Fonts,
): SvgElement[] {
  const bottom = top + histogramHeight;
  const most = Math.max(1, ...bins.map(({ n }) => n));
  return [
    ...bins.map(({ low, high, n }) => {
      const height = (n / most) * histogramHeight;
      return element("rect", {
        x: x(low) + 1,
        y: bottom - height,
        width: x(high) - x(low) - 2,
        height,
        fill: colors.axis,
      });
    }),
    line(left, bottom, right, bottom, colors.axis),
    label(fonts, String(most), { x: left - 8, y: top + 8, anchor: "end", size: sizes.tick }),
    label(fonts, "pictures", { x: left - 8, y: bottom, anchor: "end", size: sizes.tick }),
  ];
}

function key(left: number, y: number, fonts: Fonts): SvgElement[] {
  const swatch = (x: number, fill: string): SvgElement =>
    element("rect", { x, y: y + 12, width: 16, height: 12, fill });
  const note = (x: number, words: string): SvgElement =>
    label(fonts, words, { x, y: y + 22, size: sizes.tick });
  return [
    swatch(left, accuracyFill),
    note(left + 24, "accuracy, its 95% interval"),
    swatch(left + 184, gapFill),
    note(left + 208, "gap to the mean confidence"),
  ];
}
