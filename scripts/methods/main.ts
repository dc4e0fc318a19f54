import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { openModel, readImage } from "../../src/index.ts";
import { completenessOn, onBuiltIn } from "./measure.ts";
import { pages, withPart, withParts } from "./tables.ts";

interface Options {
  readonly run?: string;
  readonly pictures: string;
  readonly googlenet?: string;
}

const fileOf = (page: string): string => fileURLToPath(new URL(`../../${page}`, import.meta.url));

new Command("methods")
  .description(
    "Writes the tables of docs/methods.md and docs/scoring.md: those that follow from the registries, and those that are asked for anew.",
  )
  .option("--run <folder>", "a run on the built-in pictures, to measure methods with; minutes a picture")
  .option("--pictures <n>", "how many", "20")
  .option("--googlenet <file>", "BVLC's GoogLeNet, to see what attributions miss of the score on the photos")
  .argument("[photos...]")
  .action(async (photos: readonly string[], { run, pictures, googlenet }: Options) => {
    for (const page of Object.keys(pages))
      writeFileSync(fileOf(page), withParts(page, readFileSync(fileOf(page), "utf8")));
    const file = fileOf("docs/methods.md");
    let page = readFileSync(file, "utf8");
    if (run) {
      const note = (name: string): boolean => process.stderr.write(`${name}\n`);
      page = withPart(page, "measures", await onBuiltIn(await openModel(run), Number(pictures), note));
    }
    if (googlenet) {
      const model = await openModel(googlenet, { preprocessing: "caffe" });
      page = withPart(
        page,
        "completeness",
        await completenessOn(model, await Promise.all(photos.map(readImage))),
      );
    }
    writeFileSync(file, page);
  })
  .parseAsync();
