import { openModel } from "../../model/open.node.ts";
import { summarize, summaryTable } from "../../model/summary.ts";
import type { CommandSpec } from "../command.ts";
import { say, sayJson } from "../output.ts";

export const summary: CommandSpec = {
  summary: "print the layers of a network, their output shapes and parameters",
  examples: [["convscope summary runs/latest", "the table of the newest run's network"]],
  configure(command) {
    command
      .argument("<model>", "a run folder, or an .onnx file written by convscope")
      .option("--json", "one JSON object instead of the table")
      .action(async (path: string, { json }: { json?: boolean }) => {
        const model = await openModel(path);
        if (json) sayJson(summarize(model));
        else say(summaryTable(model));
      });
  },
};
