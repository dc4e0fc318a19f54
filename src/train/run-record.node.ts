import { readFile } from "node:fs/promises";
import { UserError } from "../base/errors.ts";
import { reasonOf, writeFileAtomic } from "../base/write.node.ts";
import { measureIn, type Score } from "../evaluate/score.ts";
import type { SplitScore } from "../evaluate/task-evaluation.ts";
import type { RunConfig } from "./config.ts";
import { openRun, type Run, readEnvironment } from "./run.node.ts";
import { hasFinished } from "./stages.ts";
import { bestRow, type EpochRow } from "./state.ts";

/** A run as its folder tells of it; nothing is evaluated for it. */
export interface RunRecord {
  readonly folder: string;
  /** As ISO 8601. */
  readonly started: string;
  readonly config: RunConfig;
  readonly history: readonly EpochRow[];
  /** Whether it came to its end; one that did not was interrupted, or goes on still. */
  readonly finished: boolean;
  /** What its report found on its test pictures, if that was of its best epoch. */
  readonly test: SplitScore | undefined;
}

/** What a report found of the network of a run's best epoch. */
interface Scores {
  readonly epoch: number;
  readonly validation: SplitScore;
  readonly test?: SplitScore | undefined;
}

/** @throws UserError when the folder is no run, or one of its files is damaged */
export async function readRecord(path: string): Promise<RunRecord> {
  const run = await openRun(path);
  const { folder, config } = run;
  const [{ started }, history, scores] = await Promise.all([
    readEnvironment(run),
    readHistory(run),
    readScores(run),
  ]);
  return {
    folder,
    started,
    config,
    history,
    finished: hasFinished(config, history),
    // A run that went on since has another network.
    test: scores?.epoch === bestRow(history)?.epoch ? scores?.test : undefined,
  };
}

/** Writes down what a report found. */
export async function writeScores(run: Run, scores: Scores): Promise<void> {
  await writeFileAtomic(run.path("scores"), `${JSON.stringify(scores, null, 2)}\n`);
}

/** The epochs that have ended; none where the run has not come so far. */
async function readHistory(run: Run): Promise<EpochRow[]> {
  const text = await readIfThere(run.path("metrics"));
  const lines = (text ?? "").split("\n").filter(Boolean);
  return lines.map((line) => checked(run.path("metrics"), line, isRow));
}

async function readScores(run: Run): Promise<Scores | undefined> {
  const text = await readIfThere(run.path("scores"));
  return text === undefined ? undefined : checked(run.path("scores"), text, isScores);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UserError(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}

function checked<T>(path: string, text: string, is: (value: Partial<T> | null) => boolean): T {
  try {
    const value = JSON.parse(text);
    if (is(value)) return value;
  } catch {
    // Said below.
  }
  throw new UserError(`${path} is damaged; restore it, or go on with the run, which writes it anew.`);
}

const isRow = (row: Partial<EpochRow> | null): boolean =>
  [
    row?.epoch,
    row?.seconds,
    row?.learningRate,
    ...numbersOf(row?.train),
    ...numbersOf(row?.validation),
  ].every(Number.isFinite);

const isScores = (scores: Partial<Scores> | null): boolean =>
  [scores?.epoch, ...numbersOf(scores?.validation), ...(scores?.test ? numbersOf(scores.test) : [])].every(
    Number.isFinite,
  );

const numbersOf = (score: Score | undefined): readonly unknown[] =>
  score && measureIn(score) ? [score.loss, score[measureIn(score)!.key]] : [undefined];
