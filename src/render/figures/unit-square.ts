import type { SvgElement } from "../svg.ts";
import type { Fonts } from "../text.ts";
import { colors, label, line, sizes } from "./theme.ts";

/** A square in px on which both axes go from 0 to 1. */
export interface UnitSquare {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (share: number) => number;
  readonly y: (share: number) => number;
}

export function unitSquare(left: number, top: number, side: number): UnitSquare {
  const bottom = top + side;
  return {
    left,
    right: left + side,
    top,
    bottom,
    x: (share) => left + share * side,
    y: (share) => bottom - share * side,
  };
}

const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Its grid, with figures and names along both axes. */
export function squareAxes(
  { left, right, top, bottom, x, y }: UnitSquare,
  names: { readonly x: string; readonly y: string },
  fonts: Fonts,
): SvgElement[] {
  const lines = ticks.flatMap((tick) => {
    const stroke = tick === 0 ? colors.axis : colors.grid;
    return [
      line(left, y(tick), right, y(tick), stroke),
      line(x(tick), top, x(tick), bottom, stroke),
      label(fonts, tick.toFixed(1), { x: left - 8, y: y(tick) + 4, anchor: "end", size: sizes.tick }),
      label(fonts, tick.toFixed(1), { x: x(tick), y: bottom + 20, anchor: "middle", size: sizes.tick }),
    ];
  });
  return [
    ...lines,
    label(fonts, names.x, { x: (left + right) / 2, y: bottom + 40, anchor: "middle" }),
    label(fonts, names.y, { x: left - 40, y: (top + bottom) / 2, anchor: "middle", rotate: -90 }),
  ];
}

/** The diagonal, on which both are the same. */
export function diagonal({ left, right, top, bottom }: UnitSquare): SvgElement {
  const plain = line(left, bottom, right, top, colors.axis);
  return { ...plain, attributes: { ...plain.attributes, "stroke-dasharray": "3 3" } };
}
