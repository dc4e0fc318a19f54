import type { ValueAnswer } from "../../evaluate/values.ts";
import { element, type SvgElement, svgDocument } from "../svg.ts";
import type { Fonts } from "../text.ts";
import { type Axis, niceAxis } from "./axis.ts";
import { counted, significant } from "./format.ts";
import { colors, header, headerHeight, label, line, margin, sizes } from "./theme.ts";

export interface ValuesInput {
  /** Of the value. */
  readonly name: string;
  /** Of each picture what is true and what the network says, in the value's own unit. */
  readonly points: readonly Pick<ValueAnswer, "truth" | "value">[];
  /** Mean absolute error, and R². */
  readonly mae: number;
  readonly r2: number;
  /** What was scored: `validation`, say. */
  readonly split?: string;
}

const width = 480;
const left = margin + 60;
const right = width - margin - 24;
const top = headerHeight + 16;
const side = right - left;
const errorTop = top + side + 24;
const errorHeight = 120;

/** A linear scale in px. */
type Place = (value: number) => number;

/** What a network says of a value against what is true, and the errors below, as an SVG file. */
export function valuesFigure({ name, points, mae, r2, split }: ValuesInput, fonts: Fonts): string {
  const values = points.flatMap(({ truth, value }) => [truth, value]).filter(Number.isFinite);
  const axis = values.length > 0 ? niceAxis(Math.min(...values), Math.max(...values)) : niceAxis(0, 1);
  const errors = points.map(({ truth, value }) => value - truth);
  const most = Math.max(...errors.map(Math.abs), 0);
  const errorAxis = niceAxis(-most, most);
  const title = split ? `Said and true, ${split}` : "Said and true";
  const summary = `${name}, ${counted(points.length, "picture")} · mean absolute error ${significant(mae)} · R² ${significant(r2)}`;
  const x = along(axis, left, right);
  const y = along(axis, top + side, top);
  const error = along(errorAxis, errorTop + errorHeight, errorTop);
  const bottom = errorTop + errorHeight;
  return svgDocument({
    title,
    description: summary,
    width,
    height: bottom + 48 + margin,
    children: [
      ...header(fonts, title, summary, width),
      ...axis.ticks.flatMap((tick) => [
        line(x(tick), top, x(tick), bottom, colors.grid),
        label(fonts, axis.write(tick), { x: x(tick), y: bottom + 20, anchor: "middle", size: sizes.tick }),
      ]),
      ...rows(axis, y, fonts),
      ...rows(errorAxis, error, fonts),
      dashed(left, top + side, right, top),
      dashed(left, error(0), right, error(0)),
      ...points.map(({ truth, value }) => dot(x(truth), y(value))),
      ...points.map(({ truth, value }) => dot(x(truth), error(value - truth))),
      label(fonts, "true", { x: (left + right) / 2, y: bottom + 40, anchor: "middle" }),
      label(fonts, "said", { x: margin + 4, y: top + side / 2, anchor: "middle", rotate: -90 }),
      label(fonts, "error", { x: margin + 4, y: errorTop + errorHeight / 2, anchor: "middle", rotate: -90 }),
    ],
  });
}

/** From the values of an axis to the px between its ends. */
function along({ low, high }: Axis, from: number, to: number): Place {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

function rows({ ticks, write }: Axis, y: Place, fonts: Fonts): SvgElement[] {
  return ticks.flatMap((tick) => [
    line(left, y(tick), right, y(tick), colors.grid),
    label(fonts, write(tick), { x: left - 8, y: y(tick) + 4, anchor: "end", size: sizes.tick }),
  ]);
}

function dashed(x1: number, y1: number, x2: number, y2: number): SvgElement {
  const plain = line(x1, y1, x2, y2, colors.axis);
  return { ...plain, attributes: { ...plain.attributes, "stroke-dasharray": "3 3" } };
}

/** See-through, so that many in one place are darker. */
function dot(cx: number, cy: number): SvgElement {
  return element("circle", { cx, cy, r: 3, fill: colors.validation, "fill-opacity": 0.5 });
}
