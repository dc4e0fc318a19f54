import type { Picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import { type ColormapName, colorize, colormaps, heatRange, mapSize } from "../colormaps.ts";
import { overlay } from "../overlay.ts";
import { shrinkToFit } from "../scale.ts";
import { element, embed, type PictureKind, type SvgElement, svgDocument } from "../svg.ts";
import type { Fonts } from "../text.ts";
import { colorbar } from "./colorbar.ts";
import { said, significant } from "./format.ts";
import { colors, header, headerHeight, label, margin } from "./theme.ts";

export interface ExplanationInput {
  readonly photo: Picture;
  /** `[H, W]` or `[1, H, W]`, any size. */
  readonly attribution: Tensor<"float32">;
  /** The class explained, and its probability in 0…1; or the value, and what the network says. */
  readonly label: string;
  readonly probability: number;
  readonly value?: number;
  readonly method: string;
  readonly layer?: string;
  /** The photo's file name. */
  readonly name?: string;
  readonly colormap?: ColormapName;
}

interface Panel {
  readonly picture: Picture;
  readonly kind: PictureKind;
  readonly caption: string;
}

const panelWidth = 288;
const tallest = 384;
const shortest = 96;
const gap = 16;
const bar = { width: 12, labels: 64 };
const width = 2 * margin + 3 * (panelWidth + gap) + bar.width + bar.labels;

/**
 * Photo, heatmap and overlay side by side as an SVG file, with what they show in words. The heatmap has the map's own
 * pixels; the overlay has them resized to the photo. A map with nothing to show says so.
 */
export function explanationFigure(input: ExplanationInput, fonts: Fonts): string {
  const { photo, attribution, colormap = "plasma" } = input;
  const { signed } = colormaps[colormap];
  const empty = attribution.data.every((value) => (signed ? value === 0 : value <= 0));
  const [low, high] = heatRange(attribution, signed);
  const ratio = Math.min(panelWidth / photo.width, tallest / photo.height);
  const frame = Math.max(shortest, Math.round(photo.height * ratio));
  const title = `${input.label} ${said(input)}`;
  const summary = [
    input.method,
    ...(input.layer ? [`layer ${input.layer}`] : []),
    resolution(attribution, photo),
    ...(input.name ? [input.name] : []),
  ].join(" · ");
  // The range of an empty map is arbitrary; only its 0 is true.
  const ticks = (empty ? [0] : [low, (low + high) / 2, high]).map(significant);
  const barBox = { x: margin + 3 * (panelWidth + gap), y: headerHeight, width: bar.width, height: frame };
  return svgDocument({
    title,
    description: empty ? `${summary} · the map has nothing to show` : summary,
    width,
    height: headerHeight + frame + 28 + margin,
    children: [
      ...header(fonts, title, summary, width),
      ...panels(photo, attribution, colormap, empty).flatMap((panel, i) =>
        framed(
          panel,
          margin + i * (panelWidth + gap),
          frame,
          photo.width * ratio,
          photo.height * ratio,
          fonts,
        ),
      ),
      ...colorbar(fonts, colormap, barBox, ticks),
    ],
  });
}

/** `7×7 map, upsampled to 224×224`. */
function resolution(attribution: Tensor<"float32">, photo: Picture): string {
  const map = mapSize(attribution);
  const size = `${map.width}×${map.height} map`;
  if (map.width === photo.width && map.height === photo.height) return size;
  const verb = map.width <= photo.width && map.height <= photo.height ? "upsampled" : "resized";
  return `${size}, ${verb} to ${photo.width}×${photo.height}`;
}

function panels(
  original: Picture,
  attribution: Tensor<"float32">,
  colormap: ColormapName,
  empty: boolean,
): Panel[] {
  // Twice the size shown, for dense screens.
  const photo = shrinkToFit(original, 2 * panelWidth, 2 * tallest);
  return [
    { picture: photo, kind: "photo", caption: "photo" },
    {
      picture: colorize(attribution, { colormap }),
      kind: "map",
      caption: empty ? "heatmap: nothing above zero" : "heatmap",
    },
    {
      picture: overlay(photo, attribution, { colormap }),
      kind: "photo",
      caption: empty ? "overlay: the photo, unchanged" : "overlay, stronger where the map is",
    },
  ];
}

/** A picture centred in its frame, the caption below. */
function framed(
  { picture, kind, caption }: Panel,
  left: number,
  frame: number,
  shownWidth: number,
  shownHeight: number,
  fonts: Fonts,
): SvgElement[] {
  const ground = { x: left, y: headerHeight, width: panelWidth, height: frame };
  const box = {
    x: left + (panelWidth - shownWidth) / 2,
    y: headerHeight + (frame - shownHeight) / 2,
    width: shownWidth,
    height: shownHeight,
  };
  return [
    element("rect", { ...ground, fill: colors.empty }),
    embed(picture, box, kind),
    label(fonts, caption, { x: left, y: headerHeight + frame + 20 }),
  ];
}
