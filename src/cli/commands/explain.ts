import { basename } from "node:path";
import { Option } from "commander";
import { writeFileAtomic } from "../../base/write.node.ts";
import { type Explanation, explain as explainImage } from "../../explain/explain.ts";
import { methods } from "../../explain/methods/index.ts";
import { writeNpy } from "../../formats/npy.ts";
import type { InputSpec } from "../../model/model.ts";
import { preparation } from "../../model/preprocessing.ts";
import { explanationFigure } from "../../render/figures/explanation.ts";
import { said } from "../../render/figures/format.ts";
import { readFonts } from "../../render/font.node.ts";
import { writePng } from "../../render/png.node.ts";
import { overlay } from "../../render/renderings/overlay.ts";
import type { CommandSpec } from "../command.ts";
import { checkStems, eachImage } from "../images.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { say, sayJson } from "../output.ts";

interface Options extends ModelOptions {
  readonly method: string;
  readonly target: string;
  readonly layer?: string;
  readonly out?: string;
  readonly raw?: boolean;
  readonly json?: boolean;
}

export const explain: CommandSpec = {
  summary: "show where in each image the evidence for a class lies",
  examples: [
    ["convscope explain runs/latest rex.jpg", "writes rex.grad-cam.png, the figure, and its overlay"],
    ["convscope explain runs/latest rex.jpg --target cat --layer conv2d_2", "why a cat, at another layer"],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("<images...>", "photos, or .npy tensors [C,H,W] or [N,C,H,W] that are already preprocessed")
      .addOption(
        new Option("--method <name>", "how to explain")
          .choices(methods.map(({ name }) => name))
          .default("grad-cam"),
      )
      .option("--target <class>", "class to explain: top, a name or an index", "top")
      .option(
        "--layer <name>",
        "layer to explain at: a name, module, index or glob; the last that knows where, unless said",
      )
      .option("--out <folder>", "where to write; beside each image unless said")
      .option("--raw", "also write the unscaled map as float32 .npy, and a .json that says what it is")
      .option("--json", "one JSON object a line: what was explained and the files written")
      .action(async (path: string, images: string[], options: Options) => {
        const model = await openGiven(path, options);
        checkStems(images, options.out);
        const fonts = await readFonts();
        await eachImage(images, model.input, async (loaded) => {
          const explanation = await explainImage(model, loaded.input, options);
          const { target, layer, method } = explanation;
          const photo = await loaded.photo();
          const stem = `${loaded.stem(options.out)}.${method.name}`;
          const figure = explanationFigure(
            {
              photo,
              attribution: explanation.evidence,
              ...target,
              method: method.title,
              layer: layer.name,
              name: basename(loaded.name),
            },
            fonts,
          );
          const files = [`${stem}.png`, `${stem}.svg`, `${stem}.overlay.png`];
          await writePng(files[0]!, figure);
          await writeFileAtomic(files[1]!, figure);
          await writePng(files[2]!, overlay(photo, explanation.attribution));
          if (options.raw) {
            files.push(`${stem}.npy`, `${stem}.json`);
            await writeFileAtomic(`${stem}.npy`, writeNpy(explanation.raw));
            await writeFileAtomic(
              `${stem}.json`,
              `${JSON.stringify(record(explanation, loaded.name, path, model.input), null, 2)}\n`,
            );
          }
          if (options.json) sayJson({ ...record(explanation, loaded.name, path, model.input), files });
          else {
            say(`${loaded.name}: ${target.label} ${said(target)}, by ${method.title} at ${layer.name}`);
            for (const file of files) say(`  ${file}`);
          }
        });
      });
    modelOptions(command);
  },
};

/** What the raw map is, for whoever finds it later. */
function record(
  { method, layer, target, scores, raw }: Explanation,
  image: string,
  model: string,
  input: InputSpec,
) {
  return {
    model,
    image,
    preparation: preparation(input),
    method: method.name,
    formula: method.formula,
    paper: method.paper,
    options: {
      relu: "not applied to raw",
      scaling: "none",
      upsampling: "none in raw; bilinear, half-pixel, in pictures",
    },
    layer: layer.name,
    shape: raw.shape,
    target,
    logits: scores.map(({ label, logit }) => ({ label, logit })),
  };
}
