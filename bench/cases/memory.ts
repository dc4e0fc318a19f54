import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { methods } from "../../src/explain/methods/index.ts";
import { resnet50 } from "../../src/model/architectures/resnet50.ts";
import { withFile } from "../big-network.ts";
import type { BenchCase } from "../case.ts";
import { round } from "../timing.ts";

const script = fileURLToPath(new URL("../explain-once.ts", import.meta.url));

export const memory: BenchCase = {
  name: "memory",
  summary: "peak memory of every method on ResNet-50 that may take 1 GB, over the forward pass alone",
  run: ({ report }) =>
    withFile(resnet50, async (file) => {
      const alone = peak(file)!;
      report({ case: "memory", variant: "forward pass", gigabytes: round(alone) });
      for (const { name } of methods) {
        const taken = peak(file, name);
        if (taken === undefined) continue;
        report({
          case: "memory",
          variant: name,
          gigabytes: round(taken),
          over_forward: round(taken - alone),
        });
      }
    }),
};

/** Of a process that explains once; undefined where the method does not go with the network. */
function peak(file: string, method?: string): number | undefined {
  const words = ["--import", "tsx", script, file, ...(method === undefined ? [] : [method])];
  const { stdout } = spawnSync(process.execPath, words, { encoding: "utf8" });
  return stdout ? (JSON.parse(stdout) as { gigabytes: number }).gigabytes : undefined;
}
