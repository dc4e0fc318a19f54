import type { Picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import type { ColormapName } from "../colormaps.ts";
import { overlay } from "../renderings/overlay.ts";
import { shrinkToFit } from "../scale.ts";
import { type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten, text, textWidth } from "../text.ts";
import { counted, probability, significant } from "./format.ts";
import { framed } from "./framed.ts";
import { colors, header, headerHeight, label, margin, sizes } from "./theme.ts";

export interface Mistake {
  readonly photo: Picture;
  /** What spoke for the predicted class: `[H, W]` or `[1, H, W]`, any size. */
  readonly attribution: Tensor<"float32">;
  readonly predicted: string;
  /** Probability of the predicted class, 0…1. */
  readonly probability: number;
  /** What was said instead, where that is a value and no class. */
  readonly value?: number;
  readonly truth: string;
  /** The photo's file name. */
  readonly name: string;
}

export interface MistakesInput {
  /** Worst first. */
  readonly mistakes: readonly Mistake[];
  /** How the heatmaps came about: `Grad-CAM, layer conv2d_3`. */
  readonly method: string;
  readonly colormap?: ColormapName;
}

const mostColumns = 3;
const tile = 144;
const card = { width: 2 * tile + 4, height: tile + 48, gap: 24 };

/** A sheet of mistakes as an SVG file: photo, overlay of what spoke for the wrong class, and the words. */
export function mistakesFigure(
  { mistakes, method, colormap = "plasma" }: MistakesInput,
  fonts: Fonts,
): string {
  const columns = Math.max(2, Math.min(mostColumns, mistakes.length));
  const rows = Math.max(1, Math.ceil(mistakes.length / columns));
  const width = 2 * margin + columns * card.width + (columns - 1) * card.gap;
  const height = headerHeight + rows * card.height + (rows - 1) * card.gap + margin;
  const title = "Worst mistakes";
  const summary =
    mistakes.length === 0
      ? "no mistakes"
      : `${counted(mistakes.length, "photo")}, worst first · ${method} for what was said`;
  const cards = mistakes.flatMap((mistake, i) =>
    cardAt(
      mistake,
      margin + (i % columns) * (card.width + card.gap),
      headerHeight + Math.floor(i / columns) * (card.height + card.gap),
      colormap,
      fonts,
    ),
  );
  return svgDocument({
    title,
    description: summary,
    width,
    height,
    children: [...header(fonts, title, summary, width), ...cards],
  });
}

function cardAt(
  mistake: Mistake,
  left: number,
  top: number,
  colormap: ColormapName,
  fonts: Fonts,
): SvgElement[] {
  const photo = shrinkToFit(mistake.photo, 2 * tile, 2 * tile);
  const pictures = [photo, overlay(photo, mistake.attribution, { colormap })];
  return [
    ...pictures.flatMap((picture, i) =>
      framed(picture, { x: left + i * (tile + 4), y: top, width: tile, height: tile }),
    ),
    text(fonts.bold, verdict(mistake, fonts), {
      x: left,
      y: top + tile + 20,
      size: sizes.body,
      fill: colors.ink,
    }),
    label(fonts, shorten(fonts.regular, mistake.name, sizes.small, card.width), {
      x: left,
      y: top + tile + 40,
    }),
  ];
}

/** `dog 0.97, really cat`, long names shortened. */
function verdict(mistake: Mistake, fonts: Fonts): string {
  const figure = mistake.value === undefined ? probability(mistake.probability) : significant(mistake.value);
  const room = card.width - textWidth(fonts.bold, ` ${figure}, really `, sizes.body);
  const [predicted, truth] = [mistake.predicted, mistake.truth].map((name) =>
    shorten(fonts.bold, name, sizes.body, room / 2),
  );
  return `${predicted} ${figure}, really ${truth}`;
}
