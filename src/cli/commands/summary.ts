import { summarize, summaryTable } from "../../model/summary.ts";
import type { CommandSpec } from "../command.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { say, sayJson } from "../output.ts";

interface Options extends ModelOptions {
  readonly json?: boolean;
}

export const summary: CommandSpec = {
  summary: "print the layers of a network, their output shapes and parameters",
  examples: [["convscope summary runs/latest", "the table of the newest run's network"]],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .option("--json", "one JSON object instead of the table")
      .action(async (path: string, options: Options) => {
        const { json } = options;
        const model = await openGiven(path, options);
        if (json) sayJson(summarize(model));
        else say(summaryTable(model));
      });
    modelOptions(command);
  },
};
