import { readdirSync, readFileSync } from "node:fs";
import { posix, resolve } from "node:path";
import ts from "typescript";

/** The repository's root. */
export const root: string = resolve(import.meta.dirname, "../..");

/** Every source file, relative to the root with forward slashes. */
export const sources: readonly string[] = readdirSync(resolve(root, "src"), { recursive: true })
  .map((name) => `src/${String(name).replaceAll("\\", "/")}`)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .sort();

/**
 * Files that need Node: `*.node.ts`, the command line, the native engine and the entry that brings them together. All
 * others run in a browser as well.
 */
export const nodeOnly = (file: string): boolean =>
  file.endsWith(".node.ts") ||
  file.startsWith("src/cli/") ||
  file === "src/engine/node.ts" ||
  file === "src/index.ts";

/** What a file imports or re-exports, types included: files of ours by path, all else by specifier. */
export function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(resolve(root, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith(".") ? posix.join(posix.dirname(file), fileName) : fileName,
  );
}

/** The file and all of ours that it leads to. */
export function reachableFrom(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file) || !sources.includes(file)) return seen;
  seen.add(file);
  for (const target of importsOf(file)) reachableFrom(target, seen);
  return seen;
}
