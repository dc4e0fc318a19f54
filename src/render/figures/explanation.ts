import { listNames } from "../../base/errors.ts";
import type { Picture, Size } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import { remarksOn } from "../../explain/remarks.ts";
import { type ColormapName, colorize, colormaps, mapSize } from "../colormaps.ts";
import { cutOff } from "../cut-off.ts";
import { heatRange, type Range } from "../range.ts";
import { contourAreas } from "../renderings/contour.ts";
import { type RenderingName, type RenderingOptions, renderings } from "../renderings/index.ts";
import { shrinkToFit } from "../scale.ts";
import { type PictureKind, svgDocument } from "../svg.ts";
import { type Fonts, shorten } from "../text.ts";
import { badge } from "./badge.ts";
import { colorbar } from "./colorbar.ts";
import { said, significant } from "./format.ts";
import { framed } from "./framed.ts";
import { colors, header, headerHeight, label, margin, sizes } from "./theme.ts";

export interface ExplanationInput extends Omit<RenderingOptions, "range"> {
  readonly photo: Picture;
  /** `[H, W]` or `[1, H, W]`, any size. */
  readonly attribution: Tensor<"float32">;
  /** What the map had before it was enlarged; as it is unless given. */
  readonly resolution?: Size;
  /** The target, and of a class its probability in 0…1; or of a value what the network says. */
  readonly label: string;
  readonly probability?: number;
  readonly value?: number;
  readonly method: string;
  readonly layer?: string;
  /** The photo's file name. */
  readonly name?: string;
  /** What the map's numbers count: `logit`. */
  readonly unit?: string;
  /** What is shown beside the photo and in which order; heatmap and overlay unless said. */
  readonly renderings?: readonly RenderingName[];
  /** What a reader must know before the pictures; what the map itself says unless given. */
  readonly remarks?: readonly string[];
}

interface Panel {
  readonly picture: Picture;
  readonly kind: PictureKind;
  readonly caption: string;
  readonly badge?: string;
}

const panelWidth = 288;
const tallest = 384;
const shortest = 96;
const gap = 16;
const lineHeight = 20;
const bar = { width: 12, labels: 64 };

/**
 * Photo, heatmap and overlay side by side as an SVG file, or what else is to be shown, with what they show in words. The heatmap has the
 * map's own pixels; all others have them enlarged to the photo. A map with nothing to show says so.
 */
export function explanationFigure(input: ExplanationInput, fonts: Fonts): string {
  const { photo, attribution, clip = 0, renderings: names = ["heatmap", "overlay"] } = input;
  const { colormap = names.includes("signed") ? "RdBu_r" : "plasma" } = input;
  const { signed } = colormaps[colormap];
  const range = heatRange(attribution, signed, clip);
  const shown = panels(input, names, { ...input, colormap, range });
  const ratio = Math.min(panelWidth / photo.width, tallest / photo.height);
  const frame = Math.max(shortest, Math.round(photo.height * ratio));
  const places = shown.map((_, at) => ({
    ...{ x: margin + at * (panelWidth + gap), y: headerHeight },
    ...{ width: panelWidth, height: frame },
  }));
  const barBox = {
    x: margin + shown.length * (panelWidth + gap),
    y: headerHeight,
    width: bar.width,
    height: frame,
  };
  const width = barBox.x + bar.width + bar.labels + margin;
  const title = `${input.label} ${said(input)}`.trimEnd();
  const summary = [
    input.method,
    ...(input.layer ? [`layer ${input.layer}`] : []),
    resolution(input),
    ...(input.name ? [input.name] : []),
  ].join(" · ");
  const remarks = [
    ...(input.remarks ?? remarksOn(attribution, signed)),
    ...cutOff(attribution, signed, clip),
  ];
  const below = headerHeight + frame + lineHeight;
  return svgDocument({
    title,
    description: [summary, ...remarks].join(" · "),
    width,
    height: below + remarks.length * lineHeight + 8 + margin,
    children: [
      ...header(fonts, title, summary, width),
      ...shown.flatMap((panel, at) => [
        ...framed(panel.picture, places[at]!, { kind: panel.kind, shown: photo }),
        ...(panel.badge
          ? badge(fonts, panel.badge, { x: places[at]!.x + 6, bottom: headerHeight + frame - 6 })
          : []),
        label(fonts, shorten(fonts.regular, panel.caption, sizes.small, panelWidth), {
          x: places[at]!.x,
          y: below,
        }),
      ]),
      ...colorbar(fonts, colormap, barBox, ticks(attribution, range)),
      ...(input.unit
        ? [
            label(fonts, shorten(fonts.regular, input.unit, sizes.small, bar.width + bar.labels), {
              x: barBox.x,
              y: below,
            }),
          ]
        : []),
      ...remarks.map((remark, at) =>
        label(fonts, shorten(fonts.regular, remark, sizes.body, width - 2 * margin), {
          ...{ x: margin, y: below + (at + 1) * lineHeight + 4 },
          ...{ size: sizes.body, fill: colors.ink },
        }),
      ),
    ],
  });
}

function panels(
  { photo: original, attribution, resolution: size = mapSize(attribution) }: ExplanationInput,
  names: readonly RenderingName[],
  options: RenderingOptions,
): Panel[] {
  // Twice the size shown, for dense screens.
  const photo = shrinkToFit(original, 2 * panelWidth, 2 * tallest);
  const badgeAt = (width: number): string =>
    `${size.width}×${size.height}${size.width < width ? " upsampled" : ""}`;
  return [
    { picture: photo, kind: "photo", caption: "photo" },
    ...names.map((name): Panel => {
      const caption = captions[name](options.colormap!);
      // As squares by the viewer, in the map's own pixels.
      if (name === "heatmap" && options.interpolation !== "bilinear" && options.opacity === undefined)
        return {
          ...{ picture: colorize(attribution, options), kind: "map", caption },
          badge: badgeAt(mapSize(attribution).width),
        };
      const drawn = renderings[name](photo, attribution, options);
      return { picture: drawn, kind: "photo", caption, badge: badgeAt(original.width) };
    }),
  ];
}

const captions: Readonly<Record<RenderingName, (colormap: ColormapName) => string>> = {
  heatmap: (colormap) => (colormaps[colormap].signed ? `heatmap, ${sides(colormap)}` : "heatmap"),
  overlay: () => "overlay, stronger where the map is",
  signed: sides,
  masked: () => "the photo as far as the map is strong",
  contour: () => `around the strongest ${listNames(contourAreas.map(String))}% of the area`,
};

/** Which colour of a signed colour map speaks for the target, and which against it. */
function sides(colormap: ColormapName): string {
  const [low, high] = colormap === "RdBu" ? ["red", "blue"] : ["blue", "red"];
  return `${high} speaks for it, ${low} against`;
}

/** Numbers along the colour bar; with `>` where stronger values have the last colour, too. */
function ticks({ data }: Tensor<"float32">, [low, high]: Range): string[] {
  const mirrored = low < 0;
  // The range of an empty map is arbitrary; only its 0 is true.
  if (data.every((value) => (mirrored ? value === 0 : value <= 0))) return mirrored ? ["", "0", ""] : ["0"];
  const isBeyond = data.some((value) => value > high || (mirrored && value < low));
  const ends = [low, (low + high) / 2, high].map(significant);
  if (!isBeyond) return ends;
  return [mirrored ? `<${ends[0]}` : ends[0]!, ends[1]!, `>${ends[2]}`];
}

/** `7×7 map, upsampled to 224×224`. */
function resolution({
  photo,
  attribution,
  resolution: map = mapSize(attribution),
}: ExplanationInput): string {
  const size = `${map.width}×${map.height} map`;
  if (map.width === photo.width && map.height === photo.height) return size;
  const verb = map.width <= photo.width && map.height <= photo.height ? "upsampled" : "resized";
  return `${size}, ${verb} to ${photo.width}×${photo.height}`;
}
