import { basename, join } from "node:path";
import { writeFileAtomic } from "../../base/write.node.ts";
import { targetLayer } from "../../explain/layer.ts";
import { activations as activationsOf } from "../../inspect/activations.ts";
import { findLayers, spatialLayers } from "../../model/find-layer.ts";
import type { Model } from "../../model/model.ts";
import { activationGrid } from "../../render/activation-grid.ts";
import { activationsFigure } from "../../render/figures/activations.ts";
import { counted } from "../../render/figures/format.ts";
import { readFonts } from "../../render/font.node.ts";
import { writePng } from "../../render/png.node.ts";
import type { CommandSpec } from "../command.ts";
import { checkStems, eachImage } from "../images.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { say, sayJson } from "../output.ts";

interface Options extends ModelOptions {
  readonly layer?: string[];
  readonly out?: string;
  readonly json?: boolean;
}

export const activations: CommandSpec = {
  summary: "draw what every channel of a layer makes of an image",
  examples: [
    ["convscope activations runs/latest rex.jpg", "a grid for every layer, into rex.activations/"],
    ["convscope activations runs/latest rex.jpg --layer conv2d conv2d_3", "two layers"],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("<images...>", "photos, or .npy tensors [C,H,W] or [N,C,H,W] that are already preprocessed")
      .option(
        "--layer <names...>",
        "layers to draw, by name, index, type or a glob such as features.*; all that have spatial extent unless said",
      )
      .option("--out <folder>", "where to write; a folder beside each image unless said")
      .option("--json", "one JSON object a line: layer, shape, dead channels, files")
      .action(async (path: string, images: string[], options: Options) => {
        const { layer: specs, out, json } = options;
        const model = await openGiven(path, options);
        const chosen = specs?.flatMap((spec) => spatialNames(model, spec));
        checkStems(images, out);
        const fonts = await readFonts();
        await eachImage(images, model.input, async ({ name, stem, input }) => {
          const stems = out === undefined ? join(`${stem()}.activations`, "/") : `${stem(out)}.`;
          for (const { layer, activation } of await activationsOf(
            model,
            input,
            chosen ? { layers: chosen } : {},
          )) {
            const grid = activationGrid(activation);
            const figure = activationsFigure({ layer: layer.name, grid, name: basename(name) }, fonts);
            const files = [`${stems}${layer.name}.png`, `${stems}${layer.name}.svg`];
            await writePng(files[0]!, figure);
            await writeFileAtomic(files[1]!, figure);
            const [channels, height, width] = grid.shape;
            const dead = grid.dead.length > 0 ? `, ${grid.dead.length} dead` : "";
            if (json) sayJson({ image: name, layer: layer.name, shape: grid.shape, dead: grid.dead, files });
            else say(`${files[0]}  ${counted(channels, "channel")} of ${width}×${height}${dead}`);
          }
        });
      });
    modelOptions(command);
  },
};

/** The layers that `spec` picks and that can be drawn; one that it names must be. */
function spatialNames(model: Model, spec: string): string[] {
  const spatial = new Set(spatialLayers(model));
  const found = findLayers(model, spec).filter((layer) => spatial.has(layer));
  return (found.length > 0 ? found : [targetLayer(model, spec)]).map(({ name }) => name);
}
