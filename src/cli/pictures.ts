import { type Command, InvalidArgumentError, Option } from "commander";
import { listNames, UsageError } from "../base/errors.ts";
import type { Interpolation } from "../base/resize.ts";
import type { Tensor } from "../base/tensor.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import type { Explanation } from "../explain/explanation.ts";
import { type ColormapName, colormaps } from "../render/colormaps.ts";
import { type ExplanationInput, explanationFigure } from "../render/figures/explanation.ts";
import { writePng } from "../render/png.node.ts";
import { type RenderingName, renderings } from "../render/renderings/index.ts";
import type { Fonts } from "../render/text.ts";
import { part, percentage, words } from "./options.ts";

/** What the command line says of how explanations are drawn. */
export interface PictureOptions {
  readonly show?: readonly RenderingName[];
  readonly colormap?: ColormapName;
  readonly opacity?: number;
  readonly interpolation?: Interpolation;
  readonly clip: number;
}

/** Adds the options of how explanations are drawn. */
export function pictureOptions(command: Command): void {
  command
    .option(
      "--show <names>",
      `pictures of the map, set apart by commas: ${listNames(Object.keys(renderings))}; overlay unless said, signed where the sign counts`,
      renderingNames,
    )
    .addOption(
      new Option(
        "--colormap <name>",
        "colours of the map; plasma unless said, RdBu_r where the sign counts",
      ).choices(Object.keys(colormaps)),
    )
    .option("--opacity <part>", "how much of the photo is covered at the most, to 1", part)
    .addOption(
      new Option(
        "--interpolation <kind>",
        "how the map is enlarged; bilinear unless said, heatmaps nearest",
      ).choices(["nearest", "bilinear"]),
    )
    .option(
      "--clip <percent>",
      "colours end where stronger values hold this part of the map's strength; 0 for its strongest value",
      percentage,
      2,
    );
}

function renderingNames(text: string): RenderingName[] {
  const names = words(text);
  const known = Object.keys(renderings);
  if (names.length === 0 || !names.every((name) => known.includes(name)))
    throw new InvalidArgumentError(`It takes ${listNames(known)}, set apart by commas.`);
  return [...new Set(names)] as RenderingName[];
}

/** @throws UsageError when options do not go with each other */
export function checkPictures({ show = [], colormap }: PictureOptions): void {
  if (show.includes("signed") && colormap && !colormaps[colormap].signed)
    throw new UsageError(`--show signed needs colours for both signs: --colormap RdBu or RdBu_r.`);
}

/** Where pictures go, of what, and what they say. */
export interface Drawn extends Pick<ExplanationInput, "photo" | "name" | "unit"> {
  /** Of the files, without an ending. */
  readonly stem: string;
  readonly explanation: Explanation;
  readonly fonts: Fonts;
}

/** Writes the figure of an explanation, `.png` and `.svg`, and each picture by itself at the photo's size; the names of the files. */
export async function writePictures(
  { stem, explanation, fonts, photo, ...named }: Drawn,
  { show, opacity, interpolation, ...options }: PictureOptions,
): Promise<string[]> {
  const { target, method, sign, layers, convention, warnings } = explanation;
  const attribution = shownMap(explanation);
  const [height, width] = explanation.evidence.shape as [number, number];
  const colormap = options.colormap ?? (sign === "signed" ? "RdBu_r" : "plasma");
  const { signed } = colormaps[colormap];
  const style = {
    colormap,
    // What a library has scaled is shown as it is.
    clip: convention ? 0 : options.clip,
    ...(opacity === undefined ? {} : { opacity }),
    ...(interpolation === undefined ? {} : { interpolation }),
  };
  const usual = signed ? "signed" : "overlay";
  const figure = explanationFigure(
    {
      ...{ ...style, ...named, photo, attribution, resolution: { width, height } },
      ...{ label: target.label, probability: target.probability },
      ...(target.value === undefined ? {} : { value: target.value }),
      method: convention ? `${method.title}, as ${convention.library}` : method.title,
      ...(layers.length > 0 ? { layer: layers.map(({ name }) => name).join(" + ") } : {}),
      renderings: show ?? ["heatmap", usual],
      remarks: sign === "signed" && !signed ? [...warnings, "what speaks against it is not shown"] : warnings,
    },
    fonts,
  );
  const files = [`${stem}.png`, `${stem}.svg`];
  await writePng(files[0]!, figure);
  await writeFileAtomic(files[1]!, figure);
  for (const name of show ?? [usual]) {
    files.push(`${stem}.${name}.png`);
    await writePng(files.at(-1)!, renderings[name](photo, attribution, style));
  }
  return files;
}

/** The map before anything is cut off, where it is one: beside what speaks against the target, next to nothing looks like it. */
function shownMap({ raw, evidence, attribution, convention }: Explanation): Tensor<"float32"> {
  if (convention) return attribution;
  return raw.shape.join() === evidence.shape.join() ? raw : evidence;
}
