import type { Score } from "../../evaluate/score.ts";
import { type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten } from "../text.ts";
import {
  bottom,
  curvePath,
  epochPlot,
  measureOfAll,
  panelGround,
  panelLeft,
  panelWidth,
  point,
  type Shown,
  stroke,
  theLoss,
  width,
} from "./epoch-panel.ts";
import { counted, measured } from "./format.ts";
import { colors, header, label, margin, series, sizes } from "./theme.ts";

/** A run's validation scores over its epochs. */
export interface RunCurves {
  readonly name: string;
  readonly epochs: readonly { readonly epoch: number; readonly validation: Score }[];
}

export interface RunsInput {
  /** At most `mostRuns`. */
  readonly runs: readonly RunCurves[];
}

/** More could not be told apart. */
export const mostRuns = 8;

const keyTop = bottom + 72;
const rowHeight = 20;

/** Validation loss and measure of several runs of one task over their epochs, as an SVG file. Values that are not finite leave gaps. */
export function runsFigure({ runs }: RunsInput, fonts: Fonts): string {
  const measure = measureOfAll(runs.flatMap(({ epochs }) => epochs.map(({ validation }) => validation)));
  const summary = [counted(runs.length, "run"), ...favourite(runs, measure)].join(" · ");
  return svgDocument({
    title: "Runs compared",
    description: summary,
    width,
    height: keyTop + rowHeight * Math.ceil(runs.length / 2) + margin,
    children: [
      ...header(fonts, "Validation scores of runs", summary, width),
      ...panel(runs, theLoss, fonts),
      ...panel(runs, measure, fonts),
      ...runs.flatMap(({ name }, index) => key(name, index, fonts)),
    ],
  });
}

/** The highest measure, and whose it is. */
function favourite(runs: readonly RunCurves[], measure: Shown): string[] {
  const scores = runs.flatMap(({ name, epochs }) =>
    epochs.map(({ validation }) => ({ name, value: validation[measure.key] ?? Number.NaN })),
  );
  const [best] = scores.filter(({ value }) => Number.isFinite(value)).sort((a, b) => b.value - a.value);
  return best ? [`highest ${measure.title} ${measured(measure, best.value)}: ${best.name}`] : [];
}

function panel(runs: readonly RunCurves[], shown: Shown, fonts: Fonts): SvgElement[] {
  const rows = runs.flatMap(({ epochs }) => epochs);
  const plot = epochPlot(
    shown,
    rows.map(({ validation }) => validation[shown.key] ?? Number.NaN),
    rows.map(({ epoch }) => epoch),
  );
  const curves = runs.flatMap(({ epochs }, index) => {
    const { d, points } = curvePath(
      epochs.map(({ epoch, validation }) => [epoch, validation[shown.key] ?? Number.NaN]),
      plot,
    );
    const { color, fill, dashes } = look(index);
    return [stroke(d, color, dashes), ...points.map(([x, y]) => point(x, y, color, fill))];
  });
  return [...panelGround(plot, fonts), ...curves];
}

/** Where the colours begin anew, lines are dashed and points hollow. */
function look(index: number): { readonly color: string; readonly fill: string; readonly dashes?: string } {
  const color = series[index % series.length]!;
  return index < series.length ? { color, fill: color } : { color, fill: "#ffffff", dashes: "2 6" };
}

/** Two columns, one below each panel. */
function key(name: string, index: number, fonts: Fonts): SvgElement[] {
  const left = panelLeft[index % 2 === 0 ? 0 : 1];
  const y = keyTop + rowHeight * Math.floor(index / 2);
  const { color, fill, dashes } = look(index);
  const words = shorten(fonts.regular, name, sizes.small, panelWidth - 36);
  return [
    stroke(`M${left} ${y}H${left + 24}`, color, dashes),
    point(left + 12, y, color, fill),
    label(fonts, words, { x: left + 36, y: y + 4, fill: colors.ink }),
  ];
}
