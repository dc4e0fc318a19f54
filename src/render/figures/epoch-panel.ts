import { measureIn, measureOf, type Score } from "../../evaluate/score.ts";
import type { Measure } from "../../evaluate/tasks/index.ts";
import { element, type SvgElement } from "../svg.ts";
import { type Fonts, text } from "../text.ts";
import { type Axis, niceAxis, wholeTicks } from "./axis.ts";
import { colors, headerHeight, label, line, margin, sizes } from "./theme.ts";

/** What a panel shows of every score. */
export interface Shown extends Pick<Measure, "title" | "share"> {
  readonly key: keyof Score;
}

export const theLoss: Shown = { key: "loss", title: "loss", share: false };

/** The measure that scores have; accuracy where there are none. */
export const measureOfAll = ([first]: readonly Score[]): Shown => (first ? measureIn(first) : measureOf({}));

/** Where a measure is drawn over the epochs, and where a value of it lies. */
export interface EpochPlot {
  readonly shown: Shown;
  readonly left: number;
  readonly right: number;
  readonly axis: Axis;
  /** Epochs that are labelled. */
  readonly ticks: readonly number[];
  readonly x: (epoch: number) => number;
  readonly y: (value: number) => number;
  readonly empty: boolean;
}

/** Two panels stand side by side: the loss at the left, the measure at the right. */
export const width = 960;
export const panelWidth = 432;
export const panelLeft: readonly [loss: number, measure: number] = [margin, width - margin - panelWidth];
export const top: number = headerHeight + 52;
export const bottom: number = top + 240;
/** With more epochs than this, points would merge into a caterpillar. */
const mostPoints = 40;

const axisWidth = 44;
/** Keeps the first and the last point off the frame. */
const inset = 12;

/** Axis units to one of the measure: shares are drawn in percent. */
const scaleOf = ({ share }: Shown): number => (share ? 100 : 1);

/** A plot that has room for all values at all epochs, which need not be in order. */
export function epochPlot(shown: Shown, all: readonly number[], epochs: readonly number[]): EpochPlot {
  const values = all.filter(Number.isFinite);
  const [first, last] = epochs.length > 0 ? [Math.min(...epochs), Math.max(...epochs)] : [1, 1];
  const axis = valueAxis(values, shown);
  const scale = scaleOf(shown);
  const start = panelLeft[shown === theLoss ? 0 : 1];
  const left = start + axisWidth;
  const room = panelWidth - axisWidth - 2 * inset;
  return {
    shown,
    axis,
    ticks: wholeTicks(first, last, 10),
    left,
    right: start + panelWidth,
    x: (epoch) => left + inset + (first === last ? 0.5 : (epoch - first) / (last - first)) * room,
    y: (value) => bottom - ((value * scale - axis.low) / (axis.high - axis.low)) * (bottom - top),
    empty: values.length === 0,
  };
}

/** Losses are seen from 0; shares in percent from a round value below the lowest, never beyond 0 and 100. */
function valueAxis(values: readonly number[], shown: Shown): Axis {
  const scale = scaleOf(shown);
  const [low, high] =
    values.length > 0 ? [Math.min(...values) * scale, Math.max(...values) * scale] : [0, scale];
  if (shown === theLoss) return niceAxis(0, high);
  if (!shown.share) return niceAxis(low, high);
  const room = low === high ? 10 : 0;
  return niceAxis(Math.max(0, low - room), Math.min(100, high + room));
}

/** What the curves are drawn on: title, axes, and that there is nothing where that is so. */
export function panelGround(plot: EpochPlot, fonts: Fonts): SvgElement[] {
  const { shown, left, right, axis, ticks, x, y } = plot;
  const title = `${shown.title[0]!.toUpperCase()}${shown.title.slice(1)}`;
  const scale = scaleOf(shown);
  const lines = axis.ticks.flatMap((tick) => {
    const value = tick / scale;
    const words = axis.write(tick) + (shown.share ? "%" : "");
    return [
      line(left, y(value), right, y(value), tick === axis.low ? colors.axis : colors.grid),
      label(fonts, words, { x: left - 8, y: y(value) + 4, anchor: "end", size: sizes.tick }),
    ];
  });
  const marks = ticks.flatMap((epoch) => [
    line(x(epoch), bottom, x(epoch), bottom + 4, colors.axis),
    label(fonts, String(epoch), { x: x(epoch), y: bottom + 20, anchor: "middle", size: sizes.tick }),
  ]);
  const centred = (words: string, at: number): SvgElement =>
    label(fonts, words, { x: (left + right) / 2, y: at, anchor: "middle" });
  return [
    text(fonts.bold, title, {
      x: left - axisWidth,
      y: headerHeight + 20,
      size: sizes.body,
      fill: colors.ink,
    }),
    ...lines,
    ...marks,
    centred("epoch", bottom + 40),
    ...(plot.empty ? [centred("nothing measured yet", (top + bottom) / 2)] : []),
  ];
}

/** A value of each epoch as a path, with gaps where it is not finite, and the points that it leads through. */
export function curvePath(
  values: readonly (readonly [epoch: number, value: number])[],
  { x, y }: EpochPlot,
): { readonly d: string; readonly points: readonly (readonly [x: number, y: number])[] } {
  let d = "";
  let drawing = false;
  const points: [number, number][] = [];
  for (const [epoch, value] of values) {
    if (Number.isFinite(value)) {
      d += `${drawing ? "L" : "M"}${x(epoch).toFixed(2)} ${y(value).toFixed(2)}`;
      points.push([x(epoch), y(value)]);
    }
    drawing = Number.isFinite(value);
  }
  return { d, points: values.length > mostPoints ? [] : points };
}

/** A curve's line, or a piece of it for a legend. */
export function stroke(d: string, color: string, dashes?: string): SvgElement {
  return element("path", {
    d,
    fill: "none",
    stroke: color,
    "stroke-width": 2,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
    "stroke-dasharray": dashes,
  });
}

export function point(cx: number, cy: number, color: string, fill: string = color): SvgElement {
  return element("circle", { cx, cy, r: 3, fill, stroke: color, "stroke-width": 1.5 });
}
