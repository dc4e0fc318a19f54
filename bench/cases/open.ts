import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vgg16 } from "../../src/model/architectures/vgg16.ts";
import { withFile } from "../big-network.ts";
import type { BenchCase } from "../case.ts";
import { median, round } from "../timing.ts";

const script = fileURLToPath(new URL("../open-and-explain.ts", import.meta.url));

interface Opening {
  readonly open_ms: number;
  readonly total_ms: number;
  readonly gigabytes: number;
}

export const open: BenchCase = {
  name: "open",
  summary: "opening the 553 MB file of VGG16, to the end of its first Grad-CAM",
  run: ({ repeat, report }) =>
    withFile(vgg16, async (file) => {
      const runs = Array.from({ length: Math.min(repeat, 5) }, () => {
        const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, file], {
          encoding: "utf8",
        });
        if (!stdout) throw new Error(`opening failed: ${stderr}`);
        return JSON.parse(stdout) as Opening;
      });
      report({
        case: "open",
        variant: "open and first Grad-CAM",
        median_ms: round(median(runs.map((run) => run.total_ms))),
        min_ms: round(Math.min(...runs.map((run) => run.total_ms))),
        open_ms: round(median(runs.map((run) => run.open_ms))),
        gigabytes: round(median(runs.map((run) => run.gigabytes))),
      });
    }),
};
