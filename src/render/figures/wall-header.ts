import { shrinkToFit } from "../scale.ts";
import { element, type SvgElement } from "../svg.ts";
import { type Fonts, shorten, text } from "../text.ts";
import { answersOf, type WallInput } from "../wall.ts";
import { colorbar } from "./colorbar.ts";
import { counted, said } from "./format.ts";
import { framed } from "./framed.ts";
import { colors, label, margin, sizes } from "./theme.ts";

const photoHeight = 208;
const gap = 32;
const row = 24;

/** Height that a wall's header takes, margins included. */
export const wallHeaderHeight: number = margin + photoHeight + gap;

/** The photo, what the network says of it, and how the tiles are read. */
export function wallHeader(input: WallInput, width: number, fonts: Fonts): SvgElement[] {
  const { photo, target, tiles } = input;
  const photoWidth = Math.min(1.5 * photoHeight, (photoHeight * photo.width) / photo.height);
  const left = margin + photoWidth + gap;
  const middle = left + 340 + gap;
  const title = `Why ${target.label}?`;
  const subtitle = `${counted(tiles.length, "explanation")} of ${input.name}, by ${input.model}`;
  const room = width - margin - left;
  return [
    ...framed(shrinkToFit(photo, 2 * photoWidth, 2 * photoHeight), {
      ...{ x: margin, y: margin, width: photoWidth, height: photoHeight },
    }),
    text(fonts.bold, shorten(fonts.bold, title, 24, room), { x: left, y: 46, size: 24, fill: colors.ink }),
    label(fonts, shorten(fonts.regular, subtitle, sizes.body, room), { x: left, y: 68, size: sizes.body }),
    ...scoresAt(input, left, 340, fonts),
    ...legend(input, middle, width - margin - middle, fonts),
  ];
}

/** What the network says as bars; the target in bold. */
function scoresAt(input: WallInput, x: number, width: number, fonts: Fonts): SvgElement[] {
  const [names, numbers] = [156, 52];
  return answersOf(input).flatMap((answer, at) => {
    const y = 92 + at * row;
    const font = answer.isTarget ? fonts.bold : fonts.regular;
    const fill = answer.isTarget ? colors.ink : colors.quiet;
    return [
      text(font, shorten(font, answer.label, sizes.body, names), { x, y: y + 12, size: sizes.body, fill }),
      element("rect", {
        ...{ x: x + names + 8, y: y + 3, height: 10, rx: 2 },
        width: Math.max(1, (width - names - numbers - 16) * answer.share),
        fill: answer.isTarget ? colors.validation : colors.line,
      }),
      text(font, said(answer), { x: x + width, y: y + 12, size: sizes.body, fill, anchor: "end" }),
    ];
  });
}

function legend({ target, measure, tiles }: WallInput, x: number, width: number, fonts: Fonts): SvgElement[] {
  const bar = { x, width: 120, height: 10 };
  const words = (content: string, at: number, from = x): SvgElement =>
    label(fonts, shorten(fonts.regular, content, sizes.body, width - (from - x)), {
      ...{ x: from, y: 104 + at * row, size: sizes.body },
    });
  const beside = x + bar.width + 16;
  const better = measure?.better === "lower" ? "lower is better" : "higher is better";
  const notes = [
    "each map in its own range; its own resolution stands in the corner",
    ...(measure ? [`number and bar: ${measure.title}, ${better}`, measure.summary] : []),
    ...(tiles.some(({ control }) => control)
      ? [
          "dashed: controls, which know nothing of what the network sees; what looks or scores like them says as little",
        ]
      : []),
  ];
  return [
    ...colorbar(fonts, "plasma", { ...bar, y: 95 }, []),
    words(`what speaks for ${target.label}; nothing where the photo is as it was`, 0, beside),
    ...colorbar(fonts, "RdBu_r", { ...bar, y: 95 + row }, []),
    words("of fine maps, and those with a sign: against it, and for it", 1, beside),
    ...notes.map((note, at) => words(note, at + 2)),
  ];
}
