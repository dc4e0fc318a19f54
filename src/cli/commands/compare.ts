import { basename, dirname, join } from "node:path";
import { Option } from "commander";
import { listNames, UsageError } from "../../base/errors.ts";
import { writeFileAtomic } from "../../base/write.node.ts";
import { findMethod } from "../../explain/explain.ts";
import type { Method } from "../../explain/method.ts";
import { families, methods } from "../../explain/methods/index.ts";
import { predict } from "../../model/predict.ts";
import { bestFirst, compareMethods } from "../../quality/compare.ts";
import { findMetric, metrics } from "../../quality/metrics/index.ts";
import type { Scored } from "../../quality/score.ts";
import { said, significant, timeTaken } from "../../render/figures/format.ts";
import { sheetFigure } from "../../render/figures/sheet.ts";
import { wallFigure } from "../../render/figures/wall.ts";
import { readFonts } from "../../render/font.node.ts";
import { writePng } from "../../render/png.node.ts";
import type { WallInput, WallTile } from "../../render/wall.ts";
import { jpegDataUri } from "../../report/jpeg.node.ts";
import { wallPage } from "../../report/wall.ts";
import type { CommandSpec } from "../command.ts";
import { type BoundsOptions, boundsOf, boundsOptions } from "../explaining.ts";
import { checkStems, eachImage, type LoadedImage } from "../images.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { words } from "../options.ts";
import { note, say, sayJson } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { table } from "../table.ts";

interface Options extends ModelOptions, BoundsOptions {
  readonly target: string;
  readonly layer?: string;
  readonly method?: readonly string[];
  readonly family?: readonly string[];
  readonly metric: string;
  readonly out?: string;
  readonly json?: boolean;
}

export const compare: CommandSpec = {
  summary: "lay many explanations of a photo side by side, with time, passes and a score",
  examples: [
    ["convscope compare resnet50.onnx rex.jpg --target boxer", "all methods: rex.compare.png and .html"],
    [
      "convscope compare runs/latest rex.jpg --method grad-cam,rise,integrated-gradients --metric road",
      "three of them, and the controls, by another measure",
    ],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("<images...>", "photos, or .npy tensors [C,H,W] or [N,C,H,W] that are already preprocessed")
      .option(
        "--method <names>",
        "methods, set apart by commas; all but the slowest unless said; the controls always",
        words,
      )
      .option("--family <names>", `only these families: ${Object.keys(families).join(", ")}`, words)
      .addOption(
        new Option("--metric <name>", "what the explanations are scored and sorted by")
          .choices(metrics.map(({ name }) => name))
          .default("insertion"),
      );
    command
      .option("--target <class>", "class to explain: top, a name or an index", "top")
      .option("--layer <name>", "layer to explain at, as for explain, of methods at a layer");
    boundsOptions(command);
    command
      .option("--out <folder>", "where to write; beside each image unless said")
      .option("--json", "one JSON object an image: methods, scores, times and the files written")
      .action(async (path: string, images: string[], options: Options) => {
        const metric = findMetric(options.metric);
        const chosen = chosenMethods(options);
        const model = await openGiven(path, options);
        checkStems(images, options.out);
        const fonts = await readFonts();
        const walls: WallInput[] = [];
        await eachImage(images, model.input, async (loaded) => {
          const progress = new ProgressLine(basename(loaded.name), "methods");
          const found: Scored[] = [];
          const omitted = waiting(options).map(({ name, title }) => ({
            title,
            reason: `it runs the network many thousand times; name it (--method ${name}) to wait for it.`,
          }));
          for await (const one of compareMethods(model, loaded.input, {
            ...boundsOf(options),
            ...{ methods: chosen.map(({ name }) => name), metrics: [metric.name], target: options.target },
            ...(options.layer === undefined ? {} : { layer: options.layer }),
            onMethod: ({ title }, at) => progress.update({ done: at, total: chosen.length, details: title }),
          }))
            if ("scored" in one) found.push(one.scored);
            else omitted.push({ title: one.method.title, reason: one.refused });
          progress.clear();
          const sorted = bestFirst(found, metric);
          const wall: WallInput = {
            ...{ photo: await loaded.photo(), name: basename(loaded.name), model: basename(path) },
            target: sorted[0]!.explanation.target,
            scores: (await predict(model, loaded.input)).slice(0, 5),
            measure: metric,
            tiles: sorted.map((one) => tile(one, metric.name)),
            omitted,
          };
          const stem = `${loaded.stem(options.out)}.compare`;
          await writePng(`${stem}.png`, wallFigure(wall, fonts));
          await writeFileAtomic(`${stem}.html`, await wallPage(wall, jpegDataUri));
          tell({ path, loaded, wall, stem, json: options.json === true });
          if (chosen.length <= mostInSheet) walls.push(wall);
        });
        if (walls.length < 2) return;
        const sheet = join(options.out ?? dirname(images[0]!), "compare.sheet.png");
        await writePng(sheet, sheetFigure(walls, fonts));
        note(`all of them side by side: ${sheet}`);
      });
    modelOptions(command);
  },
};

/** Methods that fit side by side. */
const mostInSheet = 16;

/** The methods asked for, and the controls, from cheap to dear as the families are. */
function chosenMethods({ method, family }: Pick<Options, "method" | "family">): Method[] {
  for (const name of family ?? [])
    if (!(name in families))
      throw new UsageError(
        `There is no family "${name}"; the families are ${listNames(Object.keys(families))}.`,
      );
  if (method) return [...new Set([...method.map(findMethod), ...families.control!])];
  const candidates = family?.flatMap((name) => families[name]!) ?? methods;
  return [...new Set([...candidates.filter(({ slow }) => !slow), ...families.control!])];
}

/** Slow methods that nobody named. */
function waiting({ method, family }: Pick<Options, "method" | "family">): Method[] {
  if (method) return [];
  return (family?.flatMap((name) => families[name]!) ?? methods).filter(({ slow }) => slow);
}

const isControl = (method: Method): boolean => families.control!.includes(method);

function tile({ explanation, seconds, measured }: Scored, metric: string): WallTile {
  const { method, sign, layer, evidence, passes, warnings } = explanation;
  const score = measured.get(metric)?.value;
  return {
    ...{ name: method.name, title: method.title, attribution: evidence, seconds, remarks: warnings },
    about: method,
    family: Object.keys(families).find((name) => families[name]!.includes(method))!,
    signed: sign === "signed",
    ...(layer ? { layer: layer.name } : {}),
    passes: passes.forward + passes.backward,
    ...(score === undefined ? {} : { score }),
    control: isControl(method),
  };
}

interface Told {
  readonly path: string;
  readonly loaded: LoadedImage;
  readonly wall: WallInput;
  readonly stem: string;
  readonly json: boolean;
}

function tell({ path, loaded, wall, stem, json }: Told): void {
  const { target, tiles, omitted, measure } = wall;
  const files = [`${stem}.png`, `${stem}.html`];
  if (json) {
    const methods = tiles.map(({ attribution: _, about: __, ...rest }) => rest);
    sayJson({ model: path, image: loaded.name, target, metric: measure!.title, methods, omitted, files });
    return;
  }
  say(
    `${loaded.name}: why ${target.label} ${said(target)}, by ${tiles.length} methods; ${measure!.title}, ${measure!.better} is better`,
  );
  say(
    table<WallTile>(
      [
        { heading: "method", cell: ({ title, control }) => (control ? `${title} (control)` : title) },
        { heading: measure!.title, cell: ({ score = Number.NaN }) => significant(score), numeric: true },
        { heading: "time", cell: ({ seconds }) => timeTaken(seconds), numeric: true },
        { heading: "passes", cell: ({ passes }) => String(Math.round(passes)), numeric: true },
        { heading: "", cell: ({ remarks }) => remarks.join("; ") },
      ],
      tiles,
    ),
  );
  for (const { title, reason } of omitted) note(`left out: ${title}. ${reason}`);
  for (const file of files) say(`  ${file}`);
}
