import { join } from "node:path";
import { Option } from "commander";
import { writeFileAtomic } from "../../base/write.node.ts";
import { type ExportOptions, exportModel } from "../../export/export.ts";
import { exportFormats } from "../../export/formats/index.ts";
import { preparation } from "../../model/preprocessing.ts";
import { readableSize } from "../../model/summary.ts";
import type { CommandSpec } from "../command.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { note, say, sayJson } from "../output.ts";
import { sayPorts } from "../ports.ts";

/** Beyond this it is no longer what float32 loses on another way through a deep network. */
const SAME = 1e-4;

interface Options extends ModelOptions, ExportOptions {
  readonly format: string;
  readonly out: string;
  readonly json?: boolean;
}

export const exportCommand: CommandSpec = {
  summary: "write a network for use elsewhere",
  examples: [
    ["convscope export runs/latest -o cats.onnx", "the best model of a run, for any ONNX Runtime"],
    [
      "convscope export runs/latest --with-preprocessing -o cats.onnx",
      "the same from a photo of any size to the name of its class",
    ],
  ],
  configure(command) {
    const formats = exportFormats.map(({ name, summary }) => `${name}: ${summary}`);
    command
      .argument("<model>", MODEL)
      .addOption(
        new Option("--format <name>", formats.join("; "))
          .choices(exportFormats.map(({ name }) => name))
          .default("onnx"),
      )
      .option(
        "--with-preprocessing",
        "take photos: what is done to one before the network sees it becomes part of the file",
      )
      .requiredOption("-o, --out <path>", "the file to write, or the folder where a format has several")
      .option(
        "--json",
        "one JSON object: the files, their inputs and outputs, how closely they were found to agree",
      )
      .action(async (path: string, options: Options) => {
        const { format: name, withPreprocessing = false, out, json } = options;
        const model = await openGiven(path, options);
        const exported = await exportModel(model, { format: name, withPreprocessing });
        const { format, files, inputs, outputs, difference } = exported;
        const written = [...files].map(
          ([file, content]) => [format.makes === "folder" ? join(out, file) : out, content] as const,
        );
        for (const [file, content] of written) await writeFileAtomic(file, content);
        if (!(difference <= SAME))
          note(`opened anew it gives other numbers than the network (by ${difference}); do not rely on it`);
        if (json) {
          const paths = written.map(([file]) => file);
          sayJson({ format: name, files: paths, inputs, outputs, difference });
          return;
        }
        const size = written.reduce((sum, [, content]) => sum + content.length, 0);
        say(`${out}: ${name}, ${readableSize(size)}`);
        sayPorts(inputs, outputs);
        if (model.input.preprocessing) say(`photos are prepared so: ${preparation(model.input)}`);
        const agreement =
          difference === 0 ? "exactly the same" : `the same to ${difference.toExponential(0)}`;
        say(`opened anew it gives ${agreement}`);
      });
    modelOptions(command);
  },
};
