import { openModel } from "../../model/open.node.ts";
import { predict as predictImage } from "../../model/predict.ts";
import { percent } from "../../render/figures/format.ts";
import type { CommandSpec } from "../command.ts";
import { eachImage } from "../images.ts";
import { say, sayJson } from "../output.ts";

const MOST = 5;

export const predict: CommandSpec = {
  summary: "say what is in each image",
  examples: [
    ["convscope predict runs/latest rex.jpg", "the classes of one photo, most probable first"],
    ["convscope predict runs/latest *.jpg --json", "one JSON object a photo"],
  ],
  configure(command) {
    command
      .argument("<model>", "a run folder, or an .onnx file written by convscope")
      .argument("<images...>", "photos, or .npy tensors [C,H,W] or [N,C,H,W] that are already preprocessed")
      .option("--json", "one JSON object a line: image and its predictions")
      .action(async (path: string, images: string[], { json }: { json?: boolean }) => {
        const model = await openModel(path);
        await eachImage(images, model.input, async ({ name, input }) => {
          const predictions = (await predictImage(model, input)).slice(0, MOST);
          if (json) sayJson({ image: name, predictions });
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
  },
};
