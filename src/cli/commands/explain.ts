import { basename } from "node:path";
import { Option } from "commander";
import { slug } from "../../base/slug.ts";
import { writeFileAtomic } from "../../base/write.node.ts";
import { explain as explainImage } from "../../explain/explain.ts";
import type { Explanation } from "../../explain/explanation.ts";
import { methods } from "../../explain/methods/index.ts";
import { explanationRecord } from "../../explain/record.ts";
import { writeNpy } from "../../formats/npy.ts";
import { said } from "../../render/figures/format.ts";
import { readFonts } from "../../render/font.node.ts";
import type { CommandSpec } from "../command.ts";
import {
  type ExplainingOptions,
  explainingOptions,
  explainOptions,
  givenOptions,
  methodOption,
  targetsIn,
} from "../explaining.ts";
import { checkStems, eachImage } from "../images.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { note, say, sayJson } from "../output.ts";
import { checkPictures, pictureOptions, writePictures } from "../pictures.ts";
import { ProgressLine } from "../progress.ts";
import { checkImages, isFolder, type SurveyingOptions, survey } from "../survey.ts";

interface Options extends ModelOptions, ExplainingOptions, SurveyingOptions {
  readonly method: string;
  readonly set: Readonly<Record<string, string>>;
}

export const explain: CommandSpec = {
  summary: "show where in each image the evidence for a class lies",
  examples: [
    ["convscope explain runs/latest rex.jpg", "writes rex.grad-cam.png, the figure, and its overlay"],
    ["convscope explain runs/latest rex.jpg --target cat --layer conv2d_2", "why a cat, at another layer"],
    ["convscope explain resnet50.onnx rex.jpg --target top --against tabby", "why this and not a tabby"],
    [
      "convscope explain resnet50.onnx rex.jpg --method integrated-gradients --set steps=100 --raw",
      "by another method, with its numbers",
    ],
    [
      "convscope explain runs/latest photos/ --out explained",
      "a whole folder: an index, mean maps, and where the evidence lies",
    ],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument(
        "<images...>",
        "photos, or .npy tensors [C,H,W] or [N,C,H,W] that are already preprocessed; or one folder of photos",
      )
      .addOption(
        new Option("--method <name>", "how to explain (see convscope methods)")
          .choices(methods.map(({ name }) => name))
          .default("grad-cam"),
      );
    methodOption(command);
    explainingOptions(command);
    pictureOptions(command);
    command
      .option("--out <folder>", "where to write; beside each image unless said")
      .option("--raw", "also write the unscaled numbers as float32 .npy, and a .json that says what they are")
      .option("--json", "one JSON object a line: what was explained and the files written")
      .optionsGroup("A folder of photos:")
      .option("--pictures", "also draw each photo's explanation")
      .option("--masks <folder>", "pictures by the photos' names, white where the evidence should lie")
      .option("--parquet", "also write the table as Parquet")
      .action(async (path: string, images: string[], options: Options) => {
        const asked = { ...explainOptions(options), method: options.method };
        checkPictures(options);
        const given = await givenOptions(options.method, options.set);
        const model = await openGiven(path, options);
        if (images.length === 1 && isFolder(images[0]!))
          return survey(model, images[0]!, { ...asked, options: given }, options);
        checkImages(images, options);
        checkStems(images, options.out);
        const fonts = await readFonts();
        await eachImage(images, model.input, async (loaded) => {
          const targets = await targetsIn(model, loaded.input, options);
          const photo = await loaded.photo();
          for (const target of targets) {
            const progress = new ProgressLine(`${basename(loaded.name)} ${options.method}`, "passes");
            const explanation = await explainImage(model, loaded.input, {
              ...asked,
              ...{ options: given, target },
              onProgress: (done, total) => progress.update({ done, total }),
            });
            progress.clear();
            const stem = `${loaded.stem(options.out)}.${options.method}${targets.length > 1 ? `.${slug(explanation.target.label)}` : ""}`;
            const files = await writePictures(
              {
                stem,
                explanation,
                fonts,
                photo,
                name: basename(loaded.name),
                ...unitOf(explanation, options),
              },
              options,
            );
            const record = await explanationRecord(explanation, {
              ...{ model: path, image: loaded.name, input: model.input },
              engine: model.engine.description,
            });
            if (options.raw) {
              files.push(`${stem}.npy`, `${stem}.json`);
              await writeFileAtomic(`${stem}.npy`, writeNpy(explanation.raw));
              await writeFileAtomic(`${stem}.json`, `${JSON.stringify(record, null, 2)}\n`);
            }
            if (options.json) sayJson({ ...record, files });
            else {
              say(`${loaded.name}: ${sentence(explanation)}`);
              for (const file of files) say(`  ${file}`);
            }
            for (const warning of explanation.warnings) note(`${loaded.name}: ${warning}`);
          }
        });
      });
    modelOptions(command);
  },
};

/** What the map's numbers count, where they add up to the score. */
function unitOf({ checks, target }: Explanation, { score }: Options): { readonly unit?: string } {
  if (!("completeness" in checks)) return {};
  return { unit: target.value === undefined ? score : "value" };
}

function sentence({ target, method, layers, checks, passes }: Explanation): string {
  const at = layers.length > 0 ? ` at ${layers.map(({ name }) => name).join(" + ")}` : "";
  const times = passes.forward > 1 ? `, ${Math.round(passes.forward)} passes` : "";
  const exact = Object.entries(checks).map(([name, value]) => `, ${name} ${value.toPrecision(3)}`);
  return `${target.label} ${said(target)}, by ${method.title}${at}${times}${exact.join("")}`;
}
