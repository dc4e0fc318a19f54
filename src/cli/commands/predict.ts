import { predict as predictImage } from "../../model/predict.ts";
import { preparation } from "../../model/preprocessing.ts";
import { percent } from "../../render/figures/format.ts";
import type { CommandSpec } from "../command.ts";
import { eachImage } from "../images.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { say, sayJson } from "../output.ts";

const MOST = 5;

interface Options extends ModelOptions {
  readonly json?: boolean;
}

export const predict: CommandSpec = {
  summary: "say what is in each image",
  examples: [
    ["convscope predict runs/latest rex.jpg", "the classes of one photo, most probable first"],
    ["convscope predict runs/latest *.jpg --json", "one JSON object a photo"],
    [
      "convscope predict resnet50.onnx rex.jpg --preprocess imagenet --crop 0.875",
      "a network from torchvision",
    ],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("<images...>", "photos, or .npy tensors [C,H,W] or [N,C,H,W] that are already preprocessed")
      .option("--json", "one JSON object a line: image, its predictions, how it was prepared")
      .action(async (path: string, images: string[], options: Options) => {
        const { json } = options;
        const model = await openGiven(path, options);
        await eachImage(images, model.input, async ({ name, input }) => {
          const predictions = (await predictImage(model, input)).slice(0, MOST);
          if (json) sayJson({ image: name, predictions, preparation: preparation(model.input) });
          else {
            const width = Math.max(...predictions.map(({ label }) => label.length));
            say(name);
            for (const { label, probability, logit } of predictions)
              say(
                `  ${label.padEnd(width)}  ${percent(probability).padStart(6)}  logit ${logit.toFixed(3).padStart(7)}`,
              );
          }
        });
      });
    modelOptions(command);
  },
};
