import { element, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, text, textWidth } from "../text.ts";
import { type Axis, niceAxis, wholeTicks } from "./axis.ts";
import { counted, percent, significant } from "./format.ts";
import { colors, header, headerHeight, label, line, margin, sizes } from "./theme.ts";

/** Mean loss, and share of right answers in 0…1. */
export interface Scores {
  readonly loss: number;
  readonly accuracy: number;
}

export interface EpochRow {
  /** Counted from 1. */
  readonly epoch: number;
  readonly train: Scores;
  readonly validation?: Scores;
}

export interface CurvesInput {
  readonly epochs: readonly EpochRow[];
  /** The epoch whose weights were kept. */
  readonly best?: number;
}

type Measure = keyof Scores;
type Part = "train" | "validation";

/** Where one measure is drawn, and where a value of it lies. */
interface Plot {
  readonly measure: Measure;
  readonly left: number;
  readonly right: number;
  readonly axis: Axis;
  readonly x: (epoch: number) => number;
  readonly y: (value: number) => number;
}

const width = 960;
const panelWidth = 432;
const axisWidth = 44;
const top = headerHeight + 52;
const bottom = top + 240;
/** Keeps the first and the last point off the frame. */
const inset = 12;
/** With more epochs than this, points would merge into a caterpillar. */
const mostPoints = 40;

const written: Readonly<Record<Measure, (value: number) => string>> = {
  loss: significant,
  accuracy: percent,
};

/** Axis units to one of the measure: accuracy is drawn in percent. */
const scales: Readonly<Record<Measure, number>> = { loss: 1, accuracy: 100 };

/** Loss and accuracy over the epochs, for train and validation, as an SVG file. Values that are not finite leave gaps. */
export function curvesFigure(input: CurvesInput, fonts: Fonts): string {
  const { epochs, best } = input;
  const parts: Part[] = epochs.some((row) => row.validation) ? ["train", "validation"] : ["train"];
  const scores = bestScores(input);
  const summary = scores
    ? `${counted(epochs.length, "epoch")} · best epoch ${best}: ${parts.at(-1)} loss ${significant(scores.loss)}, accuracy ${percent(scores.accuracy)}`
    : counted(epochs.length, "epoch");
  return svgDocument({
    title: "Training curves",
    description: summary,
    width,
    height: bottom + 40 + margin,
    children: [
      ...header(fonts, "Training curves", summary, width),
      ...legend(fonts, parts),
      ...panel(input, "loss", margin, fonts),
      ...panel(input, "accuracy", width - margin - panelWidth, fonts),
    ],
  });
}

function bestScores({ epochs, best }: CurvesInput): Scores | undefined {
  const row = epochs.find(({ epoch }) => epoch === best);
  return row?.validation ?? row?.train;
}

function legend(fonts: Fonts, parts: readonly Part[]): SvgElement[] {
  let right = width - margin;
  return parts.toReversed().flatMap((part) => {
    const word = label(fonts, part, { x: right, y: 40, anchor: "end", size: sizes.body, fill: colors.ink });
    const end = right - textWidth(fonts.regular, part, sizes.body) - 8;
    right = end - 48;
    return [stroke(part, `M${end - 24} 36H${end}`), point(part, end - 12, 36), word];
  });
}

function panel(input: CurvesInput, measure: Measure, left: number, fonts: Fonts): SvgElement[] {
  const { epochs } = input;
  const values = epochs
    .flatMap((row) => [row.train[measure], row.validation?.[measure] ?? Number.NaN])
    .filter(Number.isFinite);
  const [first, last] = [epochs[0]?.epoch ?? 1, epochs.at(-1)?.epoch ?? 1];
  const axis = valueAxis(values, measure);
  const scale = scales[measure];
  const start = left + axisWidth;
  const room = panelWidth - axisWidth - 2 * inset;
  const plot: Plot = {
    measure,
    axis,
    left: start,
    right: left + panelWidth,
    x: (epoch) => start + inset + (first === last ? 0.5 : (epoch - first) / (last - first)) * room,
    y: (value) => bottom - ((value * scale - axis.low) / (axis.high - axis.low)) * (bottom - top),
  };
  const title = measure === "loss" ? "Loss" : "Accuracy";
  return [
    text(fonts.bold, title, { x: left, y: headerHeight + 20, size: sizes.body, fill: colors.ink }),
    ...valueLines(plot, fonts),
    ...epochTicks(plot, wholeTicks(first, last, 10), fonts),
    ...bestLine(input, plot, fonts),
    ...curve(epochs, "train", plot),
    ...curve(epochs, "validation", plot),
    ...bestRing(input, plot),
    ...(values.length > 0 ? [] : [centred(plot, "nothing measured yet", (top + bottom) / 2, fonts)]),
  ];
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

function valueLines({ measure, axis, left, right, y }: Plot, fonts: Fonts): SvgElement[] {
  return axis.ticks.flatMap((tick) => {
    const [value, words] =
      measure === "loss" ? [tick, axis.write(tick)] : [tick / 100, `${axis.write(tick)}%`];
    return [
      line(left, y(value), right, y(value), tick === axis.low ? colors.axis : colors.grid),
      label(fonts, words, { x: left - 8, y: y(value) + 4, anchor: "end", size: sizes.tick }),
    ];
  });
}

function epochTicks(plot: Plot, ticks: readonly number[], fonts: Fonts): SvgElement[] {
  const marks = ticks.flatMap((epoch) => [
    line(plot.x(epoch), bottom, plot.x(epoch), bottom + 4, colors.axis),
    label(fonts, String(epoch), { x: plot.x(epoch), y: bottom + 20, anchor: "middle", size: sizes.tick }),
  ]);
  return [...marks, centred(plot, "epoch", bottom + 40, fonts)];
}

function centred({ left, right }: Plot, words: string, y: number, fonts: Fonts): SvgElement {
  return label(fonts, words, { x: (left + right) / 2, y, anchor: "middle" });
}

function curve(epochs: readonly EpochRow[], part: Part, { measure, x, y }: Plot): SvgElement[] {
  let path = "";
  let drawing = false;
  const points: SvgElement[] = [];
  for (const row of epochs) {
    const value = row[part]?.[measure] ?? Number.NaN;
    if (Number.isFinite(value)) {
      path += `${drawing ? "L" : "M"}${x(row.epoch).toFixed(2)} ${y(value).toFixed(2)}`;
      points.push(point(part, x(row.epoch), y(value)));
    }
    drawing = Number.isFinite(value);
  }
  return [stroke(part, path), ...(epochs.length > mostPoints ? [] : points)];
}

function stroke(part: Part, d: string): SvgElement {
  return element("path", {
    d,
    fill: "none",
    stroke: colors[part],
    "stroke-width": 2,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
  });
}

/** Hollow for train and full for validation, so that the two differ in print without colour, too. */
function point(part: Part, cx: number, cy: number): SvgElement {
  const fill = part === "train" ? "#ffffff" : colors.validation;
  return element("circle", { cx, cy, r: 3, fill, stroke: colors[part], "stroke-width": 1.5 });
}

function bestLine(input: CurvesInput, { measure, left, right, x }: Plot, fonts: Fonts): SvgElement[] {
  const value = bestScores(input)?.[measure];
  if (input.best === undefined || value === undefined || !Number.isFinite(value)) return [];
  const at = x(input.best);
  const tag = `best: epoch ${input.best}, ${written[measure](value)}`;
  const half = textWidth(fonts.regular, tag, sizes.tick) / 2;
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
    label(fonts, tag, { x: centre, y: top - 12, anchor: "middle", size: sizes.tick, fill: colors.ink }),
  ];
}

function bestRing(input: CurvesInput, { measure, x, y }: Plot): SvgElement[] {
  const value = bestScores(input)?.[measure];
  if (input.best === undefined || value === undefined || !Number.isFinite(value)) return [];
  const ring = { cx: x(input.best), cy: y(value), r: 7 };
  return [element("circle", { ...ring, fill: "none", stroke: colors.ink, "stroke-width": 1.5 })];
}
