import { availableParallelism } from "node:os";
import { nodeEngine } from "../../engine/node.ts";
import { demoConfig, type RunConfig } from "../../train/config.ts";
import type { CommandSpec } from "../command.ts";
import { gather } from "../material.ts";
import { wholeNumber } from "../options.ts";
import { beginRun, trainWatched } from "../training.ts";

interface Options {
  readonly seed: number;
  readonly shortcut?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

export const demo: CommandSpec = {
  summary: "train on the built-in pictures and write the report: the whole of it in minutes",
  examples: [
    ["convscope demo", "draws cats and dogs, learns them, shows what the network looks at"],
    ["convscope demo --shortcut", "plants a mark in the dogs' corner, for the heatmaps to find"],
  ],
  configure(command) {
    command
      .option("--seed <n>", "seed of everything random", wholeNumber, 0)
      .option("--shortcut", "plant a mark in a corner of every dog's picture")
      .option("--out <folder>", "the run folder to make")
      .option("--json", "one JSON object an epoch, then one for the result")
      .action(async ({ seed, shortcut = false, out, json = false }: Options) => {
        const threads = availableParallelism();
        const config: RunConfig = {
          ...demoConfig,
          data: { ...demoConfig.data, shortcut },
          seed,
          threads,
        };
        const engine = nodeEngine(config);
        const { material } = await gather(config, engine);
        const run = await beginRun(
          { runs: "runs", ...(out === undefined ? {} : { out }) },
          config,
          material.dataset,
          engine,
        );
        await trainWatched(run, material, engine, { json });
      });
  },
};
