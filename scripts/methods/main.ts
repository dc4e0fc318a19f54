import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withParts } from "./tables.ts";

const page = fileURLToPath(new URL("../../docs/methods.md", import.meta.url));

writeFileSync(page, withParts(readFileSync(page, "utf8")));
