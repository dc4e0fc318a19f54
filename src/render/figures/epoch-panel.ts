import { element, type SvgElement } from "../svg.ts";
import { type Fonts, text } from "../text.ts";
import { type Axis, niceAxis, wholeTicks } from "./axis.ts";
import { colors, headerHeight, label, line, margin, sizes } from "./theme.ts";

/** Mean loss, and share of right answers in 0…1. */
export interface Scores {
  readonly loss: number;
  readonly accuracy: number;
}

export type Measure = keyof Scores;

/** Where one measure is drawn over the epochs, and where a value of it lies. */
export interface EpochPlot {
  readonly measure: Measure;
  readonly left: number;
  readonly right: number;
  readonly axis: Axis;
  /** Epochs that are labelled. */
  readonly ticks: readonly number[];
  readonly x: (epoch: number) => number;
  readonly y: (value: number) => number;
  readonly empty: boolean;
}

/** Two panels stand side by side: the loss at the left, the accuracy at the right. */
export const width = 960;
export const panelWidth = 432;
export const panelLeft: Readonly<Record<Measure, number>> = {
  loss: margin,
  accuracy: width - margin - panelWidth,
};
export const top: number = headerHeight + 52;
export const bottom: number = top + 240;
/** With more epochs than this, points would merge into a caterpillar. */
const mostPoints = 40;

const axisWidth = 44;
/** Keeps the first and the last point off the frame. */
const inset = 12;

/** Axis units to one of the measure: accuracy is drawn in percent. */
const scales: Readonly<Record<Measure, number>> = { loss: 1, accuracy: 100 };

/** A plot that has room for all values at all epochs, which need not be in order. */
export function epochPlot(measure: Measure, all: readonly number[], epochs: readonly number[]): EpochPlot {
  const values = all.filter(Number.isFinite);
  const [first, last] = epochs.length > 0 ? [Math.min(...epochs), Math.max(...epochs)] : [1, 1];
  const axis = valueAxis(values, measure);
  const scale = scales[measure];
  const left = panelLeft[measure] + axisWidth;
  const room = panelWidth - axisWidth - 2 * inset;
  return {
    measure,
    axis,
    ticks: wholeTicks(first, last, 10),
    left,
    right: panelLeft[measure] + panelWidth,
    x: (epoch) => left + inset + (first === last ? 0.5 : (epoch - first) / (last - first)) * room,
    y: (value) => bottom - ((value * scale - axis.low) / (axis.high - axis.low)) * (bottom - top),
    empty: values.length === 0,
  };
}

/** Losses are seen from 0; accuracies in percent from a round value below the lowest, never beyond 0 and 100. */
function valueAxis(values: readonly number[], measure: Measure): Axis {
  const scale = scales[measure];
  const [low, high] =
    values.length > 0 ? [Math.min(...values) * scale, Math.max(...values) * scale] : [0, scale];
  if (measure === "loss") return niceAxis(0, high);
  const room = low === high ? 10 : 0;
  return niceAxis(Math.max(0, low - room), Math.min(100, high + room));
}

/** What the curves are drawn on: title, axes, and that there is nothing where that is so. */
export function panelGround(plot: EpochPlot, fonts: Fonts): SvgElement[] {
  const { measure, left, right, axis, ticks, x, y } = plot;
  const title = measure === "loss" ? "Loss" : "Accuracy";
  const lines = axis.ticks.flatMap((tick) => {
    const [value, words] =
      measure === "loss" ? [tick, axis.write(tick)] : [tick / 100, `${axis.write(tick)}%`];
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
      x: panelLeft[measure],
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
