import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import type { BenchCase, BenchOptions } from "./case.ts";
import { cases } from "./cases/index.ts";
import { runPeer } from "./peer.ts";
import { median, type Row, round } from "./timing.ts";

/** Turns that we and a peer take, so that a drift of the machine's speed falls on both. */
const ROUNDS = 3;
const besides = process.env.CONVSCOPE_SHARED ?? fileURLToPath(new URL("../../shared", import.meta.url));
const shared = existsSync(besides) ? besides : undefined;

interface Options extends Omit<BenchOptions, "report"> {
  readonly peer?: string;
}

const program = new Command("bench")
  .description("Measures; prints JSON lines. Run it with nothing else running.")
  .argument("[cases...]", `which: ${cases.map(({ name }) => name).join(", ")}; all unless said`)
  .option("--repeat <n>", "runs that count", Number, 15)
  .option(
    "--photos <folder>",
    "real photos with train/ and validation/",
    shared && join(shared, "data/cats-vs-dogs"),
  )
  .option("--shared <folder>", "reference networks, trained networks and photos", shared)
  .option("--networks <folder>", "architectures that `npm run coverage FOLDER` exported")
  .option("--peer <command>", "run `command CASE` in turns, and print the ratio to its best variant")
  .action(async (names: string[], options: Options) => {
    for (const name of names)
      if (!cases.some((known) => known.name === name)) program.error(`there is no case "${name}"`);
    const chosen = cases.filter(({ name }) => names.length === 0 || names.includes(name));
    const rates = new Map<string, number>();
    for (const one of chosen) {
      if (one.needs && !options[one.needs]) {
        process.stderr.write(`skipped: ${one.name} needs a folder (--${one.needs} FOLDER)\n`);
        continue;
      }
      for (const row of options.peer
        ? await inTurns(one, options, options.peer)
        : await measure(one, options)) {
        if (row.gflops && !row.variant.startsWith("peer: ")) rates.set(row.case, row.gflops);
        print(row);
      }
    }
    const [step, gemm] = [rates.get("step"), rates.get("gemm")];
    if (step && gemm) print({ case: "step", variant: "part of the gemm rate", ratio: round(step / gemm, 3) });
  });

async function measure(one: BenchCase, options: Options): Promise<Row[]> {
  const rows: Row[] = [];
  await one.run({ ...options, report: (row) => rows.push(row) });
  return rows;
}

/** Ours and the peer's in turns; medians over the turns, and the ratio of their best variants. */
async function inTurns(one: BenchCase, options: Options, peer: string): Promise<Row[]> {
  const turns: Row[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    turns.push(...(await measure(one, options)));
    turns.push(...runPeer(peer, one.name).map((row) => ({ ...row, variant: `peer: ${row.variant}` })));
  }
  const merged = merge(turns);
  const best = (rows: readonly Row[]): number =>
    Math.min(...rows.map((row) => row.median_ms ?? Number.POSITIVE_INFINITY));
  const theirs = merged.filter(({ variant }) => variant.startsWith("peer: "));
  const ours = merged.filter((row) => !theirs.includes(row));
  if (theirs.length === 0) return merged;
  return [
    ...merged,
    { case: one.name, variant: "peer's time over ours", ratio: round(best(theirs) / best(ours), 3) },
  ];
}

/** One row a variant: the median of its medians, the least of its least times. */
function merge(rows: readonly Row[]): Row[] {
  return [...new Set(rows.map(({ variant }) => variant))].map((variant) => {
    const same = rows.filter((row) => row.variant === variant);
    const [first] = same as [Row];
    if (first.median_ms === undefined) return first;
    const middle = median(same.map((row) => row.median_ms!));
    return {
      ...first,
      median_ms: round(middle),
      min_ms: Math.min(...same.map((row) => row.min_ms!)),
      ...(first.gflops ? { gflops: round((first.gflops * first.median_ms) / middle, 1) } : {}),
    };
  });
}

function print(row: Row): void {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

await program.parseAsync();
