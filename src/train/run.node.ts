import { existsSync } from "node:fs";
import { mkdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Listing, listDataset } from "../data/listing.ts";
import { measureIn } from "../evaluate/score.ts";
import { writeEvents } from "../formats/tensorboard.ts";
import { writeOnnx } from "../graph/onnx/write.ts";
import { storedGraph } from "../model/description.ts";
import type { Network } from "../model/model.ts";
import { MODEL_FILE } from "../model/open.node.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { configSchema, type RunConfig } from "./config.ts";
import type { EpochRow, TrainingState } from "./state.ts";
import { withWeights } from "./weights.ts";

type RunFile =
  | "config"
  | "environment"
  | "data"
  | "metrics"
  | "table"
  | "events"
  | "model"
  | "scores"
  | "watched"
  | "report"
  | "figures"
  | "last"
  | "best";

/** Files of a run folder, by what they hold. */
const runFiles: Readonly<Record<RunFile, string>> = {
  config: "config.json",
  environment: "environment.json",
  data: "data.json",
  metrics: "metrics.jsonl",
  table: "metrics.csv",
  events: "tensorboard/events.out.tfevents.0.convscope",
  model: MODEL_FILE,
  scores: "scores.json",
  watched: "watched",
  report: "report.html",
  figures: "figures",
  last: "checkpoints/last.safetensors",
  best: "checkpoints/best.safetensors",
};

/** Where a run was begun, by name: versions, processor, time. */
export interface Environment {
  readonly [name: string]: string | number;
  /** As ISO 8601. */
  readonly started: string;
}

/** A folder that holds all of one training run. */
export interface Run {
  readonly folder: string;
  readonly config: RunConfig;
  path(file: RunFile): string;
}

function runAt(folder: string, config: RunConfig): Run {
  return { folder, config, path: (file) => join(folder, runFiles[file]) };
}

/**
 * Makes the folder of a new run and writes down its settings, its environment and its data.
 * @param folder made if it is missing; it must not hold a run already
 * @throws UserError when it does, or cannot be written to
 */
export async function createRun(
  folder: string,
  config: RunConfig,
  dataset: Dataset,
  engine: string,
): Promise<Run> {
  const run = runAt(folder, config);
  // One that ended before its first checkpoint left nothing to go on with, and may be begun anew.
  if (existsSync(run.path("last")))
    throw new UserError(
      `${folder} holds a run already; choose another folder, or go on with it: --resume ${folder}`,
    );
  await rm(run.path("watched"), { recursive: true, force: true });
  await writeConfig(run);
  await writeFileAtomic(run.path("environment"), json(await describeEnvironment(engine)));
  await writeFileAtomic(run.path("data"), json(await listDataset(dataset)));
  await mkdir(run.path("figures"), { recursive: true });
  return run;
}

/** Writes down the run's settings. */
export async function writeConfig(run: Run): Promise<void> {
  await writeFileAtomic(run.path("config"), json({ schema: configSchema, ...run.config }));
}

/**
 * @param path the run's folder, or a link to it such as `runs/latest`
 * @throws UserError when the folder is no run, or of a later version
 */
export async function openRun(path: string): Promise<Run> {
  const folder = await followLink(path);
  const file = join(folder, runFiles.config);
  const text = await readFile(file, "utf8").catch(() => {
    throw new UserError(
      `${path} is not a run folder (it has no ${runFiles.config}); give one that \`train\` made.`,
    );
  });
  const saved = parse<(RunConfig & { schema: number }) | null>(text, file);
  if (saved?.schema !== configSchema)
    throw new UserError(
      `${file} has schema ${saved?.schema}, this version reads ${configSchema}; update convscope.`,
    );
  const { schema: _, ...said } = saved;
  // Of a run before there were backbones, and before any pictures were watched.
  const config = { ...said, backbone: said.backbone ?? null, watch: said.watch ?? 0 };
  if (!config.data?.kind || !config.architecture || !config.epochs)
    throw new UserError(`${file} lacks settings of a run; restore it or start a new run.`);
  return runAt(folder, config);
}

/** What a link names now: another run may have moved `latest` before this one ends. */
async function followLink(path: string): Promise<string> {
  const target = await readlink(path.replace(/[/\\]+$/, "")).catch(() => undefined);
  if (target === undefined) return path;
  return isAbsolute(target) ? target : join(dirname(path), target);
}

/**
 * Points the link `latest` beside the run at it, so that the newest run can be named without its date.
 * @returns the link, or nothing where the file system has none
 */
export async function pointLatest({ folder }: Run): Promise<string | undefined> {
  const link = join(dirname(folder), "latest");
  const temporary = `${link}.${process.pid}`;
  try {
    // A junction, on Windows, needs no rights; elsewhere the word means nothing.
    await symlink(basename(folder), temporary, "junction");
    // Windows does not rename over a junction.
    if (process.platform === "win32") await rm(link, { force: true });
    await rename(temporary, link);
    return link;
  } catch {
    await rm(temporary, { force: true });
    return undefined;
  }
}

/** The data listing that the run was begun with. */
export async function readListing(run: Run): Promise<Listing> {
  const path = run.path("data");
  const text = await readFile(path, "utf8").catch(() => {
    throw new UserError(`${path} is missing; the run folder is not complete.`);
  });
  return parse<Listing>(text, path);
}

/** @throws UserError when it is missing, or does not say when the run was begun */
export async function readEnvironment(run: Run): Promise<Environment> {
  const path = run.path("environment");
  try {
    const environment: Environment = JSON.parse(await readFile(path, "utf8"));
    if (Number.isFinite(Date.parse(environment.started))) return environment;
  } catch {
    // Said below.
  }
  throw new UserError(`${path} is missing or damaged; the run folder is not complete.`);
}

/** @throws UserError when there is no checkpoint, or it is damaged */
export const readState = (run: Run): Promise<TrainingState> => readStateAt(run.path("last"));

/** The state after the best epoch. */
export const readBest = (run: Run): Promise<TrainingState> => readStateAt(run.path("best"));

async function readStateAt(path: string): Promise<TrainingState> {
  const bytes = await readFile(path).catch(() => {
    throw new UserError(
      `${path} is missing: the run was stopped before its first checkpoint; start it anew.`,
    );
  });
  return readCheckpoint(bytes, path);
}

/**
 * Saves where the run stands. The best weights go first: if the process ends in between, the last checkpoint is the one
 * before, and the epoch that it repeats makes the same best again.
 */
export async function saveState(
  run: Run,
  network: Network,
  state: TrainingState,
  best: boolean,
): Promise<void> {
  const checkpoint = writeCheckpoint(state);
  if (best) {
    await writeFileAtomic(run.path("model"), writeOnnx(storedGraph(withWeights(network, state.tensors))));
    await writeFileAtomic(run.path("best"), checkpoint);
  }
  await writeFileAtomic(run.path("last"), checkpoint);
  await writeFileAtomic(run.path("metrics"), state.history.map((row) => `${JSON.stringify(row)}\n`).join(""));
  await writeFileAtomic(run.path("table"), metricsCsv(state.history));
  await writeFileAtomic(run.path("events"), events(state.history, await readEnvironment(run)));
}

/**
 * The history for TensorBoard. An epoch's time is when it would have ended without a pause, so that the file is the same
 * after an interruption, and TensorBoard, which reads on from where it was, finds there what is new.
 */
function events(history: readonly EpochRow[], { started }: Environment): Uint8Array {
  const start = Date.parse(started) / 1000;
  let wallTime = start;
  return writeEvents(
    start,
    history.map(({ epoch, train, validation, learningRate, seconds }) => {
      wallTime += seconds;
      return {
        wallTime,
        step: epoch,
        scalars: {
          ...Object.fromEntries(
            Object.entries({ train, validation }).flatMap(([split, score]) =>
              Object.entries(score).map(([name, value]) => [`${name}/${split}`, value]),
            ),
          ),
          learning_rate: learningRate,
        },
      };
    }),
  );
}

function metricsCsv(history: readonly EpochRow[]): string {
  const names = history[0] ? (["loss", measureIn(history[0].validation).key] as const) : [];
  const header = [
    "epoch",
    ...["train", "validation"].flatMap((split) => names.map((name) => `${split}_${name}`)),
    ...["best", "learning_rate", "seconds"],
  ].join();
  const rows = history.map(({ epoch, train, validation, best, learningRate, seconds }) =>
    [
      epoch,
      ...[train, validation].flatMap((score) => names.map((name) => score[name])),
      Number(best),
      learningRate,
      seconds.toFixed(1),
    ].join(","),
  );
  return `${[header, ...rows].join("\n")}\n`;
}

/** What a run's data is called in short: its folder's own name, or that it is built in. */
export function dataName({ data }: Pick<RunConfig, "data">): string {
  return data.kind === "folder" ? basename(resolve(data.path)) : "built-in";
}

/** A new run's folder name under `parent`: date, time, network and data, such as `2026-11-24_1403_small-convnet_photos`. */
export function newRunFolder(parent: string, config: RunConfig, now: Date = new Date()): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  const day = [now.getFullYear(), pad(now.getMonth() + 1), pad(now.getDate())].join("-");
  const time = pad(now.getHours()) + pad(now.getMinutes());
  const stem = [day, time, config.architecture, dataName(config)].join("_");
  for (let attempt = 1; ; attempt++) {
    const folder = join(parent, attempt === 1 ? stem : `${stem}-${attempt}`);
    if (!existsSync(folder)) return folder;
  }
}

async function describeEnvironment(engine: string): Promise<Environment> {
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return {
    convscope: (JSON.parse(manifest) as { version: string }).version,
    engine,
    node: process.version,
    system: `${process.platform} ${release()} ${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    processors: availableParallelism(),
    memory: totalmem(),
    started: new Date().toISOString(),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parse<T>(text: string, path: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new UserError(`${path} is not valid JSON; restore it or start a new run.`);
  }
}
