import type { Command } from "commander";

/** One command of the command line: thin, it reads its words, calls the library and prints. */
export interface CommandSpec {
  readonly summary: string;
  /** Shown by `--help`: a command and what it does. */
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** Declares arguments, options and the action on `command`. */
  configure(command: Command): void;
}

/** A command ended by Ctrl-C after everything was saved: the shell's usual 128 + SIGINT. */
export class Interrupted extends Error {}

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
