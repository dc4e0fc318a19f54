import { nodeEngine } from "../../engine/node.ts";
import { writeReport } from "../../report/write.node.ts";
import { openRun } from "../../train/run.node.ts";
import type { CommandSpec } from "../command.ts";
import { gather } from "../material.ts";
import { say, sayJson } from "../output.ts";
import { ProgressLine } from "../progress.ts";

export const report: CommandSpec = {
  summary: "write a run's report and figures again",
  examples: [["convscope report runs/latest", "writes report.html and figures/ into the run folder"]],
  configure(command) {
    command
      .argument("<run>", "a run folder")
      .option("--json", "one JSON object: the files written")
      .action(async (path: string, { json }: { json?: boolean }) => {
        const run = await openRun(path);
        const engine = nodeEngine(run.config);
        const { material } = await gather(run.config, engine);
        const line = new ProgressLine("report", "steps");
        const { report: file, figures } = await writeReport(run, {
          material,
          engine,
          progress: (done, total) => line.update({ done, total }),
        });
        line.clear();
        if (json) sayJson({ report: file, figures });
        else say(`${file}\n${figures.length} files in ${run.path("figures")}`);
      });
  },
};
