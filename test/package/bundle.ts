import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildResult, build } from "esbuild";
import { root } from "./tree.ts";

/** Source of a file that `dist/` holds: `./dist/browser.js` comes from `src/browser.ts`. */
const sourceOf = (built: string): string => built.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");

/** The source of the entry that bundlers for a browser take, read from the package's exports. */
export function browserEntry(): string {
  const { exports } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
  return sourceOf(exports["."].browser.default);
}

type Bundle = BuildResult<{ write: false; metafile: true }>;

/** Bundles files of ours for a browser. An import of `node:` anywhere in them fails. */
export function bundle(files: readonly string[], external: readonly string[] = []): Promise<Bundle> {
  return build({
    absWorkingDir: root,
    entryPoints: [...files],
    external: [...external],
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2023",
    outdir: "bundle",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
}
