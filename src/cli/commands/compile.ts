import { Option } from "commander";
import { writeFileAtomic } from "../../base/write.node.ts";
import { type CompileExplanationOptions, compileExplanation } from "../../explain/compile.ts";
import { methods } from "../../explain/methods/index.ts";
import { writeOnnx } from "../../graph/onnx/write.ts";
import type { CommandSpec } from "../command.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { positiveInteger } from "../options.ts";
import { say, sayJson } from "../output.ts";
import { sayPorts } from "../ports.ts";

interface Options extends ModelOptions {
  readonly method: string;
  readonly target: NonNullable<CompileExplanationOptions["target"]>;
  readonly layer?: string;
  readonly batch: number;
  readonly out?: string;
  readonly json?: boolean;
}

export const compile: CommandSpec = {
  summary: "write a network with its explanation as one ONNX file, for any ONNX Runtime host",
  examples: [
    [
      "convscope compile runs/latest -o cats.gradcam.onnx",
      "logits and heatmap in one run, the class as an input",
    ],
    [
      "convscope compile resnet50.onnx --target top -o resnet50.gradcam.onnx",
      "always explains the favoured class",
    ],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .addOption(
        new Option("--method <name>", "how to explain")
          .choices(methods.filter((method) => "write" in method).map(({ name }) => name))
          .default("grad-cam"),
      )
      .option(
        "--target <class>",
        'class to explain: a name, an index, top, or "input" for an int64 input that says it, -1 being top',
        "input",
      )
      .option("--layer <name>", "layer to explain at; chosen unless said")
      .option("--batch <n>", "pictures in a run", positiveInteger, 1)
      .option("-o, --out <file>", "the file to write; MODEL.METHOD.onnx unless said")
      .option("--json", "one JSON object: the file, its inputs and outputs")
      .action(async (path: string, options: Options) => {
        const { method: name, target, layer: layerName, batch, out, json } = options;
        const model = await openGiven(path, options);
        const { graph, method, layer } = await compileExplanation(model, {
          ...{ method: name, target, batch },
          ...(layerName === undefined ? {} : { layer: layerName }),
        });
        const file = out ?? `${path.replace(/[/\\]+$/, "").replace(/\.onnx$/i, "")}.${method.name}.onnx`;
        await writeFileAtomic(file, writeOnnx(graph));
        const { inputs, outputs } = graph;
        if (json) sayJson({ file, method: method.name, layer: layer?.name, inputs, outputs });
        else {
          say(`${file}: ${method.title}${layer ? ` at ${layer.name}` : ""}`);
          sayPorts(inputs, outputs);
        }
      });
    modelOptions(command);
  },
};
