import { UsageError } from "../../base/errors.ts";
import { writeFileAtomic } from "../../base/write.node.ts";
import { gradients } from "../../explain/gradients.ts";
import { writeNpy } from "../../formats/npy.ts";
import { writeSafetensors } from "../../formats/safetensors.ts";
import type { CommandSpec } from "../command.ts";
import { checkStems, eachImage } from "../images.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { wholeNumber } from "../options.ts";
import { say, sayJson } from "../output.ts";

interface Options extends ModelOptions {
  readonly target: string;
  readonly of?: string;
  readonly channel?: number;
  readonly wrt: string[];
  readonly out?: string;
  readonly json?: boolean;
}

export const grad: CommandSpec = {
  summary: "write the exact gradient of a score with respect to input, activations or weights",
  examples: [
    ["convscope grad runs/latest rex.jpg", "of the favoured class's logit by the input, into rex.grad.npy"],
    [
      "convscope grad runs/latest rex.jpg --of conv2d_2 --channel 7 --wrt input conv2d",
      "of a channel's sum, by two values, into rex.grad.safetensors",
    ],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("<images...>", "photos, or .npy tensors [C,H,W] or [N,C,H,W] that are already preprocessed")
      .option("--target <class>", "class whose logit is differentiated: top, a name or an index", "top")
      .option(
        "--of <name>",
        "a layer, by its name, index or glob, or a value whose sum is differentiated instead",
      )
      .option("--channel <n>", "of that only this channel", wholeNumber)
      .option("--wrt <names...>", "by what: input, layers, weights or other values", ["input"])
      .option("--out <folder>", "where to write; beside each image unless said")
      .option("--json", "one JSON object a line: the file, and the shape and norm of each gradient")
      .action(async (path: string, images: string[], options: Options) => {
        const { target, of, channel, wrt, out, json } = options;
        if (channel !== undefined && of === undefined)
          throw new UsageError("--channel needs --of, the layer or value that has channels.");
        if (of !== undefined && command.getOptionValueSource("target") !== "default")
          throw new UsageError("--target and --of both say what is differentiated; give one of them.");
        const model = await openGiven(path, options);
        checkStems(images, out);
        await eachImage(images, model.input, async ({ name, input, stem }) => {
          const found = await gradients(model, input, {
            ...{ target, wrt },
            ...(of === undefined ? {} : { of }),
            ...(channel === undefined ? {} : { channel }),
          });
          const [[, only] = [], ...more] = found;
          const file = `${stem(out)}.grad.${more.length > 0 ? "safetensors" : "npy"}`;
          await writeFileAtomic(file, more.length > 0 ? writeSafetensors(found) : writeNpy(only!));
          const described = [...found].map(([by, { shape, data }]) => ({ by, shape, norm: norm(data) }));
          if (json) sayJson({ image: name, file, gradients: described });
          else {
            say(`${name}: ${file}`);
            for (const { by, shape, norm: size } of described)
              say(`  by ${by}  [${shape.join(", ")}]  norm ${size.toPrecision(4)}`);
          }
        });
      });
    modelOptions(command);
  },
};

const norm = (data: Float32Array): number => Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
