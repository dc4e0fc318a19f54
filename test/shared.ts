import { existsSync } from "node:fs";
import { resolve } from "node:path";

const path = resolve(process.env.CONVSCOPE_SHARED ?? resolve(import.meta.dirname, "../../shared"));

/** The folder with photos and fixtures that do not travel with the project; undefined where it is absent. */
export const shared: string | undefined = existsSync(path) ? path : undefined;

if (!shared) console.log(`skipped: tests that need ${path}, which is absent (set CONVSCOPE_SHARED)`);
