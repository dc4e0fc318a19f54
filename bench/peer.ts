import { spawnSync } from "node:child_process";
import type { Row } from "./timing.ts";

/**
 * Runs another program on a case: `command CASE`, which prints JSON lines with our fields.
 * @returns its rows; none if it does not know the case
 */
export function runPeer(command: string, name: string): Row[] {
  const { stdout, stderr, status, error } = spawnSync(`${command} ${name}`, {
    shell: true,
    encoding: "utf8",
  });
  if (error || (status !== 0 && stdout.trim() === ""))
    throw new Error(`the peer failed on ${name}: ${error?.message ?? stderr.trim().split("\n").at(-1)}`);
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Row);
}
