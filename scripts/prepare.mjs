import { existsSync } from "node:fs";

// A clone has no dist/, so `npm ci` builds it. The first `npx convscope` in a clone runs this too, for the sake of a link:
// there is nothing to build again.
if (process.env.npm_command !== "exec" || !existsSync("dist")) await import("./build.mjs");
