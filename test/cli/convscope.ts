import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** A folder for one file of tests, gone after them. The command line runs in it. */
export const desk: string = mkdtempSync(join(tmpdir(), "convscope-cli-"));
afterAll(() => rmSync(desk, { recursive: true, force: true }));

/**
 * The command line as it stands in `src/`, as JavaScript: it starts three times faster than TypeScript would, and
 * `dist/` may be older than the tests. Beside it lies what an installed package has around its `dist/`.
 */
async function install(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "convscope-installed-"));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  copyFileSync(join(root, "package.json"), join(home, "package.json"));
  symlinkSync(join(root, "node_modules"), join(home, "node_modules"), "junction");
  await build({
    absWorkingDir: root,
    entryPoints: ["src/cli/main.ts"],
    outdir: join(home, "dist/cli"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
  });
  return join(home, "dist/cli/main.js");
}

/** Its file, for Node to run. */
export const program: Promise<string> = install();

const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...plain } = process.env;
/** The environment without what speaks of colours, CI among it: Node takes that for a terminal with none. */
export const environment: NodeJS.ProcessEnv = plain;

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when `text` has been printed on either stream, or the process has ended. */
  printed(text: string): Promise<void>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/** Starts `convscope` with these words, in `desk`, its output in pipes. */
export async function start(words: readonly string[], { env, uid }: StartOptions = {}): Promise<Running> {
  const child = spawn(process.execPath, [await program, ...words], {
    cwd: desk,
    env: { ...environment, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let [stdout, stderr] = ["", ""];
  child.stdout!.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ended = new Promise<Ended>((settle) => {
    child.on("close", (code, signal) => settle({ code, signal, stdout, stderr }));
  });
  const printed = (text: string): Promise<void> =>
    new Promise((settle) => {
      const look = (): void => {
        if (stdout.includes(text) || stderr.includes(text)) settle();
      };
      child.stdout!.on("data", look);
      child.stderr!.on("data", look);
      ended.then(() => settle());
      look();
    });
  return { child, ended, printed };
}

/** Runs `convscope` with these words, in `desk`, to its end. */
export async function convscope(...words: string[]): Promise<Ended> {
  return (await start(words)).ended;
}

/** The objects of a `--json` output, one a line. */
export function jsonLines<T = Record<string, unknown>>(text: string): T[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

/** Options of the smallest network worth running: an epoch of it takes a blink. */
export const tiny: readonly string[] = [
  "--size",
  "32",
  "--filters",
  "8,8",
  "--units",
  "16",
  "--batch",
  "8",
  "--threads",
  "1",
];
