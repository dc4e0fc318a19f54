import { picture } from "../../base/picture.ts";
import { element, embed, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten, text, textWidth } from "../text.ts";
import { counted, percent } from "./format.ts";
import { colors, header, headerHeight, label, margin, sizes } from "./theme.ts";

export interface ConfusionInput {
  /** Class names in label order. */
  readonly classes: readonly string[];
  /** Pictures by true class (rows) and predicted class (columns). */
  readonly counts: readonly (readonly number[])[];
  /** What was counted: `validation`, say. */
  readonly split?: string;
}

/** Cell sizes in px by the number of classes they serve: with count and rate, with the count, with a colour only. */
const cellSizes = [
  { most: 3, cell: 104 },
  { most: 6, cell: 80 },
  { most: 12, cell: 60 },
  { most: 24, cell: 36 },
  { most: 48, cell: 20 },
] as const;
const smallestRated = 60;
const smallestCounted = 36;
const smallestNamed = 12;
/** Of the matrix of more classes than these. */
const largestExtent = 960;
const widestName = 144;

/** The matrix on its place in the figure. */
interface Grid {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly counts: readonly (readonly number[])[];
  /** Pictures of each true class. */
  readonly totals: readonly number[];
}

/**
 * The confusion matrix as an SVG file: each cell with its count and its share of the true class, the diagonal blue
 * and mistakes orange, both by that share. Many classes leave figures and names out; the colours stay.
 */
export function confusionFigure({ classes, counts, split }: ConfusionInput, fonts: Fonts): string {
  const fitting = cellSizes.find(({ most }) => classes.length <= most);
  const cell = fitting?.cell ?? Math.max(1, Math.floor(largestExtent / classes.length));
  const extent = cell * classes.length;
  const nameSize = Math.min(sizes.body, cell * 0.6);
  const names =
    cell < smallestNamed ? [] : classes.map((name) => shorten(fonts.regular, name, nameSize, widestName));
  const widest = Math.max(0, ...names.map((name) => textWidth(fonts.regular, name, nameSize)));
  const slanted = widest > cell - 12;
  const slant = slanted ? Math.ceil(widest * Math.SQRT1_2) : 0;
  const left = margin + 36 + 4 * Math.ceil(widest / 4);
  const top = headerHeight + (slanted ? 44 + slant : 56);

  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = totals.reduce((sum, count) => sum + count, 0);
  const right = counts.reduce((sum, row, i) => sum + row[i]!, 0);
  const title = split ? `Confusion matrix, ${split}` : "Confusion matrix";
  const summary = `${right} of ${counted(total, "picture")} right, ${percent(right / total)}`;
  const width = Math.max(480, left + extent + Math.max(72, slant) + margin);
  const grid = { left, top, cell, counts, totals };
  return svgDocument({
    title,
    description: summary,
    width,
    height: top + extent + 40 + margin,
    children: [
      ...header(fonts, title, summary, width),
      label(fonts, "predicted class", { x: left + extent / 2, y: headerHeight + 16, anchor: "middle" }),
      label(fonts, "true class", { x: margin + 12, y: top + extent / 2, anchor: "middle", rotate: -90 }),
      ...nameLabels(grid, names, nameSize, slanted, fonts),
      ...(cell < smallestCounted ? [colorsOnly(grid)] : cells(grid, fonts)),
      ...key(fonts, margin, top + extent + 24),
    ],
  });
}

function nameLabels(
  { left, top, cell }: Grid,
  names: readonly string[],
  size: number,
  slanted: boolean,
  fonts: Fonts,
): SvgElement[] {
  const style = { size, fill: colors.ink };
  return names.flatMap((name, i) => {
    const centre = (i + 0.5) * cell;
    return [
      label(fonts, name, { ...style, x: left - 12, y: top + centre + size * 0.35, anchor: "end" }),
      slanted
        ? label(fonts, name, { ...style, x: left + centre + size / 3, y: top - 8, rotate: -45 })
        : label(fonts, name, { ...style, x: left + centre, y: top - 12, anchor: "middle" }),
    ];
  });
}

/** One pixel a cell: a square of a thousand classes is a million elements otherwise. */
function colorsOnly({ left, top, cell, counts, totals }: Grid): SvgElement {
  const shades = picture(counts.length, counts.length);
  counts.forEach((row, i) => {
    row.forEach((count, j) => {
      shades.data.set(shade(count / (totals[i] || 1), i === j), 3 * (i * row.length + j));
    });
  });
  const extent = cell * counts.length;
  return embed(shades, { x: left, y: top, width: extent, height: extent }, "map");
}

function cells(grid: Grid, fonts: Fonts): SvgElement[] {
  const { left, top, cell, counts, totals } = grid;
  return counts.flatMap((row, i) => {
    const y = top + i * cell;
    const n = { x: left + row.length * cell + 12, y: y + cell / 2 + 4, size: sizes.tick };
    return [
      ...row.flatMap((count, j) => {
        const share = count / (totals[i] || 1);
        const color = shade(share, i === j);
        return [
          element("rect", {
            x: left + j * cell + 1,
            y: y + 1,
            width: cell - 2,
            height: cell - 2,
            rx: 2,
            fill: css(color),
          }),
          ...cellText(fonts, left + (j + 0.5) * cell, y + cell / 2, cell, count, share, color),
        ];
      }),
      label(fonts, `n = ${totals[i]}`, n),
    ];
  });
}

/** The count and, where there is something and room, its share of the true class; small where it is long. */
function cellText(
  fonts: Fonts,
  x: number,
  y: number,
  cell: number,
  count: number,
  share: number,
  ground: Color,
): SvgElement[] {
  const anchor = "middle" as const;
  const fill = isDark(ground) ? "#ffffff" : count > 0 ? colors.ink : colors.axis;
  const font = count > 0 ? fonts.bold : fonts.regular;
  const rated = cell >= smallestRated && count > 0;
  const wanted = cell >= smallestRated ? cell / 5 : 12;
  const words = String(count);
  const size = Math.min(wanted, (wanted * (cell - 12)) / textWidth(font, words, wanted));
  const figure = text(font, words, { x, y: rated ? y : y + size * 0.35, size, fill, anchor });
  if (!rated) return [figure];
  return [figure, label(fonts, percent(share), { x, y: y + 16, size: sizes.tick, fill, anchor })];
}

type Color = readonly number[];

/** From almost white to the full colour; steeper near 0, where the mistakes of a good model are. */
function shade(share: number, isRight: boolean): Color {
  const full = isRight ? colors.right : colors.wrong;
  return full.map((channel) => Math.round(244 + (channel - 244) * share ** 0.6));
}

/** Whether white reads better than ink on it, by its luma (ITU-R BT.601). */
function isDark([red = 0, green = 0, blue = 0]: Color): boolean {
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140;
}

function css(color: Color): string {
  return `rgb(${color.join(",")})`;
}

/** What the two colours mean, in five steps from 0 to 100% of the true class. */
function key(fonts: Fonts, left: number, y: number): SvgElement[] {
  const swatches = (start: number, isRight: boolean): SvgElement[] =>
    [0, 0.25, 0.5, 0.75, 1].map((share, i) =>
      element("rect", { x: start + 16 * i, y, width: 16, height: 12, fill: css(shade(share, isRight)) }),
    );
  const note = (x: number, words: string): SvgElement =>
    label(fonts, words, { x, y: y + 10, size: sizes.tick });
  return [
    ...swatches(left, true),
    note(left + 88, "right"),
    ...swatches(left + 128, false),
    note(left + 216, "wrong; share of the true class, 0 to 100%"),
  ];
}
