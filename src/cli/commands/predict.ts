import { predict as predictImage } from "../../model/predict.ts";
import { preparation } from "../../model/preprocessing.ts";
import type { CommandSpec } from "../command.ts";
import { eachImage } from "../images.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { say, sayJson } from "../output.ts";
import { textOf } from "../tasks/index.ts";

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
        const { answer, answerJson } = textOf(model);
        await eachImage(images, model.input, async ({ name, input }) => {
          const scores = await predictImage(model, input);
          if (json)
            sayJson({ image: name, predictions: answerJson(scores), preparation: preparation(model.input) });
          else {
            say(name);
            for (const line of answer(scores)) say(`  ${line}`);
          }
        });
      });
    modelOptions(command);
  },
};
