import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UsageError, UserError } from "../../base/errors.ts";
import { type RunRecord, readRecord } from "../../train/run-record.node.ts";
import type { CommandSpec } from "../command.ts";
import { compareRuns } from "../compare-runs.ts";
import { note, say, sayJson } from "../output.ts";
import { runSummary, runTable } from "../run-table.ts";

interface Options {
  readonly out?: string;
  readonly json?: boolean;
}

export const runs: CommandSpec = {
  summary: "list runs and how good they are, or compare some of them",
  examples: [
    ["convscope runs", "the runs in runs/, the newest first"],
    [
      "convscope runs runs/latest runs/first",
      "what sets them apart, their scores, their curves in one figure",
    ],
  ],
  configure(command) {
    command
      .argument("[folders...]", "a folder of runs (default: runs), or two to eight runs to compare")
      .option("--out <folder>", "where the figure of a comparison is written (default: here)")
      .option("--json", "one JSON object a run; a comparison is one object")
      .action((folders: string[], options: Options) =>
        folders.length < 2 ? list(folders[0] ?? "runs", options) : compare(folders, options),
      );
  },
};

async function list(folder: string, { out, json }: Options): Promise<void> {
  if (out !== undefined)
    throw new UsageError("--out is where the figure of a comparison goes; give two runs or more to compare.");
  const records: RunRecord[] = [];
  for (const path of await foldersIn(folder))
    try {
      records.push(await readRecord(path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      note(`left out: ${error.message}`);
    }
  const named = records
    .sort((a, b) => Date.parse(b.started) - Date.parse(a.started))
    .map((record) => ({ name: basename(record.folder), record }));
  if (json) for (const run of named) sayJson(runSummary(run));
  else if (named.length > 0) say(runTable(named));
  else note(`There are no runs in ${folder}; \`convscope train\` makes them.`);
}

/** Links are left out: `latest` leads to one of the others. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new UserError(`There is no folder ${folder} to look for runs in; name the one that holds them.`);
  });
  if (entries.some(({ name }) => name === "config.json"))
    throw new UsageError(
      `${folder} is a run itself; give the folder that it lies in, or runs to compare it with.`,
    );
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

/**
 * Runs go by their folders' own names, or by their paths where two have the same. One that is named twice counts once:
 * `runs/*` has a run and the link to it.
 */
async function compare(paths: readonly string[], { out = ".", json = false }: Options): Promise<void> {
  const all = await Promise.all(paths.map(readRecord));
  const records = [...new Map(all.map((record) => [resolve(record.folder), record])).values()];
  if (records.length < 2)
    throw new UsageError(`${paths.join(" and ")} are one run; give another to compare it with.`);
  const names = records.map(({ folder }) => basename(resolve(folder)));
  const distinct = new Set(names).size === names.length;
  await compareRuns(
    records.map((record, at) => ({ name: distinct ? names[at]! : record.folder, record })),
    { folder: out, json },
  );
}
