import type { Score } from "../../evaluate/score.ts";
import { element, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, textWidth } from "../text.ts";
import {
  bottom,
  curvePath,
  type EpochPlot,
  epochPlot,
  measureOfAll,
  panelGround,
  point,
  type Shown,
  stroke,
  theLoss,
  top,
  width,
} from "./epoch-panel.ts";
import { counted, measured, significant } from "./format.ts";
import { colors, header, label, line, margin, sizes, taggedLine } from "./theme.ts";

export interface EpochRow {
  /** Counted from 1. */
  readonly epoch: number;
  readonly train: Score;
  readonly validation?: Score;
  /** Whether layers of the backbone were trained too. */
  readonly fineTuning?: boolean;
}

export interface CurvesInput {
  readonly epochs: readonly EpochRow[];
  /** The epoch whose weights were kept. */
  readonly best?: number;
}

type Part = "train" | "validation";

/** Loss and measure over the epochs, for train and validation, as an SVG file. Values that are not finite leave gaps. */
export function curvesFigure(input: CurvesInput, fonts: Fonts): string {
  const { epochs, best } = input;
  const parts: Part[] = epochs.some((row) => row.validation) ? ["train", "validation"] : ["train"];
  const measure = measureOfAll(epochs.map(({ train }) => train));
  const score = bestScore(input);
  const summary = score
    ? `${counted(epochs.length, "epoch")} · best epoch ${best}: ${parts.at(-1)} loss ${significant(score.loss)}, ${measure.title} ${measured(measure, score[measure.key]!)}`
    : counted(epochs.length, "epoch");
  return svgDocument({
    title: "Training curves",
    description: summary,
    width,
    height: bottom + 40 + margin,
    children: [
      ...header(fonts, "Training curves", summary, width),
      ...legend(fonts, parts),
      ...panel(input, theLoss, fonts),
      ...panel(input, measure, fonts),
    ],
  });
}

function bestScore({ epochs, best }: CurvesInput): Score | undefined {
  const row = epochs.find(({ epoch }) => epoch === best);
  return row?.validation ?? row?.train;
}

function legend(fonts: Fonts, parts: readonly Part[]): SvgElement[] {
  let right = width - margin;
  return parts.toReversed().flatMap((part) => {
    const word = label(fonts, part, { x: right, y: 40, anchor: "end", size: sizes.body, fill: colors.ink });
    const end = right - textWidth(fonts.regular, part, sizes.body) - 8;
    right = end - 48;
    return [stroke(`M${end - 24} 36H${end}`, colors[part]), pointOf(part, end - 12, 36), word];
  });
}

function panel(input: CurvesInput, shown: Shown, fonts: Fonts): SvgElement[] {
  const { epochs } = input;
  const values = epochs.flatMap((row) => [valueIn(row.train, shown), valueIn(row.validation, shown)]);
  const plot = epochPlot(
    shown,
    values,
    epochs.map(({ epoch }) => epoch),
  );
  return [
    ...panelGround(plot, fonts),
    ...fineTuningLine(input, plot, fonts),
    ...bestLine(input, plot, fonts),
    ...curve(epochs, "train", plot),
    ...curve(epochs, "validation", plot),
    ...bestRing(input, plot),
  ];
}

const valueIn = (score: Score | undefined, { key }: Shown): number => score?.[key] ?? Number.NaN;

function curve(epochs: readonly EpochRow[], part: Part, plot: EpochPlot): SvgElement[] {
  const { d, points } = curvePath(
    epochs.map((row) => [row.epoch, valueIn(row[part], plot.shown)]),
    plot,
  );
  return [stroke(d, colors[part]), ...points.map(([x, y]) => pointOf(part, x, y))];
}

/** Hollow for train and full for validation, so that the two differ in print without colour, too. */
function pointOf(part: Part, x: number, y: number): SvgElement {
  return point(x, y, colors[part], part === "train" ? "#ffffff" : colors.validation);
}

function bestLine(input: CurvesInput, { shown, left, right, x }: EpochPlot, fonts: Fonts): SvgElement[] {
  const value = valueIn(bestScore(input), shown);
  if (input.best === undefined || !Number.isFinite(value)) return [];
  const at = x(input.best);
  return taggedLine(fonts, `best: epoch ${input.best}, ${measured(shown, value)}`, {
    at,
    left,
    right,
    top,
    bottom,
  });
}

/** Where fine-tuning begins; said below the axis, where no curve comes. */
function fineTuningLine({ epochs }: CurvesInput, { right, x }: EpochPlot, fonts: Fonts): SvgElement[] {
  const first = epochs.find(({ fineTuning }) => fineTuning)?.epoch;
  if (first === undefined) return [];
  const at = x(first - 0.5);
  const words = `fine-tuning from epoch ${first}`;
  return [
    line(at, top, at, bottom, colors.axis),
    label(fonts, words, { x: right, y: bottom + 40, anchor: "end", size: sizes.tick }),
  ];
}

function bestRing(input: CurvesInput, { shown, x, y }: EpochPlot): SvgElement[] {
  const value = valueIn(bestScore(input), shown);
  if (input.best === undefined || !Number.isFinite(value)) return [];
  const ring = { cx: x(input.best), cy: y(value), r: 7 };
  return [element("circle", { ...ring, fill: "none", stroke: colors.ink, "stroke-width": 1.5 })];
}
