import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { openModel } from "../../src/index.ts";
import { onBuiltIn } from "./measure.ts";
import { pages, withPart, withParts } from "./tables.ts";

const fileOf = (page: string): string => fileURLToPath(new URL(`../../${page}`, import.meta.url));

function rewrite(page: string, change: (text: string) => string): void {
  writeFileSync(fileOf(page), change(readFileSync(fileOf(page), "utf8")));
}

new Command("methods")
  .description(
    "Writes the tables of docs/methods.md and docs/scoring.md that follow from the registries, and measures every method where asked to.",
  )
  .option("--run <folder>", "a run on the built-in pictures, whose network methods are measured with")
  .option("--pictures <n>", "how many; one or two minutes each", "8")
  .action(async ({ run, pictures }: { readonly run?: string; readonly pictures: string }) => {
    for (const page of Object.keys(pages)) rewrite(page, (text) => withParts(page, text));
    if (run === undefined) return;
    const note = (name: string): boolean => process.stderr.write(`${name}\n`);
    const measured = await onBuiltIn(await openModel(run), Number(pictures), note);
    rewrite("docs/methods.md", (text) => withPart(text, "measures", measured));
  })
  .parseAsync();
