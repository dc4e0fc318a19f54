import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";

const folder = process.argv[2] ?? "dist";

// What an earlier build left of files that are gone since would be published.
rmSync(folder, { recursive: true, force: true });

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const words = [tsc, "-p", "tsconfig.build.json", "--outDir", folder];
const { status } = spawnSync(process.execPath, words, { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const { bin } = JSON.parse(readFileSync("package.json", "utf8"));
for (const file of Object.values(bin)) chmodSync(join(folder, relative("dist", file)), 0o755);
