import type { Value } from "../graph/graph.ts";
import { say } from "./output.ts";

/** Says what a file for other hosts takes and gives, a line each. */
export function sayPorts(inputs: readonly Value[], outputs: readonly Value[]): void {
  const line = (what: string, { name, dtype, shape }: Value): string =>
    `  ${what}  ${name}  ${dtype} [${shape?.join(", ") ?? "of any shape"}]`;
  for (const value of inputs) say(line("takes", value));
  for (const value of outputs) say(line("gives", value));
}
