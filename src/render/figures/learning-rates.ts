import { element, type SvgElement, svgDocument } from "../svg.ts";
import type { Fonts } from "../text.ts";
import { type Axis, niceAxis } from "./axis.ts";
import { counted, significant } from "./format.ts";
import { colors, header, headerHeight, label, line, margin, sizes, taggedLine } from "./theme.ts";

export interface LearningRatesInput {
  /** Rates rise from one to the next. */
  readonly trials: readonly { readonly rate: number; readonly loss: number; readonly smoothed: number }[];
  /** The rate after which the smoothed loss rises. */
  readonly highest: number;
  readonly suggested: number;
}

const width = 720;
const left = margin + 44;
const right = width - margin;
const top = headerHeight + 28;
const bottom = top + 260;
/** What rises above so many times the first loss has run away, and would hide the rest. */
const MOST = 2;

/** The loss over rising learning rates, each step's as a point and their running mean as a curve, as an SVG file. */
export function learningRatesFigure(input: LearningRatesInput, fonts: Fonts): string {
  const { trials, highest, suggested } = input;
  const rates = trials.map(({ rate }) => rate);
  const [first, last] = [Math.log10(Math.min(...rates)), Math.log10(Math.max(...rates))];
  const cap = MOST * trials[0]!.smoothed;
  const kept = (loss: number): number => Math.min(loss, cap);
  const values = trials.flatMap(({ loss, smoothed }) => [kept(loss), kept(smoothed)]);
  const axis = niceAxis(Math.min(...values), Math.max(...values));
  const x = (rate: number): number =>
    left + ((Math.log10(rate) - first) / (last - first || 1)) * (right - left);
  const y = (loss: number): number => bottom - ((loss - axis.low) / (axis.high - axis.low)) * (bottom - top);
  const summary = `${counted(trials.length, "step")} · loss rises from ${significant(highest)} on, suggested: ${significant(suggested)}`;
  return svgDocument({
    title: "Learning rates",
    description: summary,
    width,
    height: bottom + 44 + margin,
    children: [
      ...header(fonts, "Loss over rising learning rates", summary, width),
      ...lossLines(axis, y, fonts),
      ...decades(first, last, x, fonts),
      ...trials.map(({ rate, loss }) =>
        element("circle", { cx: x(rate), cy: y(kept(loss)), r: 2, fill: colors.line }),
      ),
      element("path", {
        d: trials
          .map(
            ({ rate, smoothed }, at) =>
              `${at ? "L" : "M"}${x(rate).toFixed(2)} ${y(kept(smoothed)).toFixed(2)}`,
          )
          .join(""),
        ...{ fill: "none", stroke: colors.validation, "stroke-width": 2, "stroke-linejoin": "round" },
      }),
      ...taggedLine(fonts, `suggested: ${significant(suggested)}`, {
        ...{ at: x(suggested), left, right, top, bottom },
      }),
      ...trials
        .filter(({ rate }) => rate === highest)
        .map(({ smoothed }) =>
          element("circle", {
            ...{ cx: x(highest), cy: y(kept(smoothed)), r: 7 },
            ...{ fill: "none", stroke: colors.ink, "stroke-width": 1.5 },
          }),
        ),
    ],
  });
}

function lossLines(axis: Axis, y: (loss: number) => number, fonts: Fonts): SvgElement[] {
  return axis.ticks.flatMap((tick) => [
    line(left, y(tick), right, y(tick), tick === axis.low ? colors.axis : colors.grid),
    label(fonts, axis.write(tick), { x: left - 8, y: y(tick) + 4, anchor: "end", size: sizes.tick }),
  ]);
}

/** A tick at each power of ten between logarithms. */
function decades(first: number, last: number, x: (rate: number) => number, fonts: Fonts): SvgElement[] {
  const [low, high] = [Math.ceil(first - 1e-9), Math.floor(last + 1e-9)];
  const powers = Array.from({ length: Math.max(0, high - low + 1) }, (_, at) => low + at);
  const ticks = powers.flatMap((power) => {
    const at = x(10 ** power);
    return [
      line(at, bottom, at, bottom + 4, colors.axis),
      label(fonts, power === 0 ? "1" : `1e${power}`.replace("-", "−"), {
        ...{ x: at, y: bottom + 20, anchor: "middle" as const, size: sizes.tick },
      }),
    ];
  });
  return [
    ...ticks,
    label(fonts, "learning rate", { x: (left + right) / 2, y: bottom + 40, anchor: "middle" }),
  ];
}
