import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { type Entry, type Measurement, readCase, type TorchTime } from "./record.ts";
import { page } from "./table.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const program = new Command("coverage")
  .description(
    "Compares us with PyTorch on every classification architecture of torchvision, and writes docs/coverage.md. Run it with nothing else running.",
  )
  .argument("<folder>", "where the networks are written, or lie from an earlier run; 25 GB for all")
  .argument("[architectures...]", "which to measure; all unless said")
  .option("--python <command>", "Python with torch 1.13 and torchvision 0.14", "/usr/bin/python3")
  .option("--no-times", "leave times as they were")
  .action((folder: string, chosen: string[], { python, times }: Options) => {
    const names = run(python, [here("export.py"), "--list"])
      .trim()
      .split("\n");
    for (const name of chosen) if (!names.includes(name)) program.error(`there is no architecture "${name}"`);
    for (const name of chosen.length > 0 ? chosen : names) {
      measure(join(resolve(folder), name), name, { python, times });
      process.stderr.write(`${name}\n`);
    }
    const entries = readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, RESULT)))
      .map((name): Entry => JSON.parse(readFileSync(join(folder, name, RESULT), "utf8")));
    writeFileSync(here("../../docs/coverage.md"), page(entries.sort(byName), names.length));
  });

/** Holds an architecture's `Entry` in its folder. */
const RESULT = "entry.json";

interface Options {
  readonly python: string;
  readonly times: boolean;
}

/** Exports the network unless it was; PyTorch's time and ours follow each other, so that both meet the same machine. */
function measure(folder: string, name: string, { python, times }: Options): void {
  if (!existsSync(join(folder, "case.json"))) run(python, [here("export.py"), name, folder]);
  const result = join(folder, RESULT);
  const torchTime: TorchTime | undefined = times
    ? JSON.parse(run(python, [here("time.py"), name]))
    : undefined;
  const measured: Measurement = JSON.parse(
    run(process.execPath, ["--import", "tsx", here("measure.ts"), folder]),
  );
  const entry: Entry = { name, ...measured, ...(torchTime ?? timesOf(result)), torch: readCase(folder) };
  writeFileSync(result, JSON.stringify(entry, null, 2));
}

/** The times of an earlier run, if there was one. */
function timesOf(result: string): Partial<Entry> {
  if (!existsSync(result)) return {};
  const { milliseconds, torchMilliseconds, blas }: Entry = JSON.parse(readFileSync(result, "utf8"));
  return torchMilliseconds && blas ? { milliseconds, torchMilliseconds, blas } : {};
}

/** What the command prints. */
function run(command: string, words: readonly string[]): string {
  const { stdout, stderr, status, error } = spawnSync(command, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${words.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

function byName(a: Entry, b: Entry): number {
  return a.name.localeCompare(b.name, "en", { numeric: true });
}

program.parse();
