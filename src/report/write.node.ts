import { join } from "node:path";
import sharp from "sharp";
import { listNames, UserError } from "../base/errors.ts";
import type { Picture } from "../base/picture.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import type { Dataset } from "../data/dataset.ts";
import { listDataset } from "../data/listing.ts";
import { mapParallel, type Progress } from "../data/parallel.ts";
import type { Engine } from "../engine/engine.ts";
import type { Evaluation } from "../evaluate/evaluate.ts";
import type { Model } from "../model/model.ts";
import { openModel } from "../model/open.node.ts";
import { closeModel } from "../model/programs.ts";
import { readFonts } from "../render/font.node.ts";
import { pngDataUri } from "../render/png.ts";
import { rasterize } from "../render/raster.node.ts";
import { type Run, readEnvironment, readListing, readState } from "../train/run.node.ts";
import { writeScores } from "../train/run-record.node.ts";
import { bestRow } from "../train/state.ts";
import { type Card, card } from "./cards.ts";
import { drawFigures, type Figure, type Figures } from "./figures.ts";
import { type Advance, type Example, findOut, mostExamples } from "./findings.ts";
import { reportHtml } from "./html.ts";

export interface ReportOptions {
  /** The run's pictures, their classes in the run's order. */
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Told after each picture that was evaluated or explained, and each figure drawn, all counted as one. */
  readonly progress?: Progress;
}

export interface Report {
  /** The HTML file. */
  readonly report: string;
  /** The figures' files, SVG and PNG. */
  readonly figures: readonly string[];
  readonly validation: Evaluation;
  /** Undefined where the data has no test pictures. */
  readonly test: Evaluation | undefined;
}

/**
 * Evaluates a run's best network and writes its figures (each as SVG and PNG) and `report.html` into the run folder.
 * @throws UserError when no epoch has ended, a picture has vanished, the classes are not the run's, or the disk refuses
 */
export async function writeReport(run: Run, { dataset, engine, progress }: ReportOptions): Promise<Report> {
  const model = await openModel(run.folder, { engine });
  try {
    return await write(run, model, dataset, progress ?? (() => {}));
  } finally {
    await closeModel(model);
  }
}

async function write(run: Run, model: Model, dataset: Dataset, progress: Progress): Promise<Report> {
  if (dataset.classes.join("\n") !== model.classes.join("\n"))
    throw new UserError(
      `${dataset.source} has the classes ${listNames(dataset.classes)}, but ${run.folder} was trained on ${listNames(model.classes)}; give the pictures of the run.`,
    );
  const [{ history }, begun, listing, fonts] = await Promise.all([
    readState(run),
    readListing(run),
    listDataset(dataset),
    readFonts(),
  ]);
  // How many examples and figures there will be shows when the pictures have been evaluated; at most these.
  const total = dataset.splits.validation.length + dataset.splits.test.length + 2 * mostExamples;
  let done = 0;
  const advance = (steps: number): void => {
    done = Math.min(done + steps, total - 1);
    progress(done, total);
  };
  const findings = await findOut(model, dataset, run.config.seed, advance);
  const figures = drawFigures(findings, history, model.classes, fonts);
  const files = await writeFigures(run.path("figures"), figures, advance);
  const { mistakes, uncertain, right, rivals, validation, test } = findings;
  await writeScores(run, { epoch: bestRow(history)!.epoch, validation, test });
  const page = reportHtml({
    folder: run.folder,
    config: run.config,
    environment: await readEnvironment(run),
    history,
    network: model,
    listing,
    dataChanged: begun.hash !== listing.hash,
    findings,
    figures,
    grids: findings.layers.map(({ grid }) => pngDataUri(grid.picture)),
    cards: {
      mistakes: await cards(mistakes),
      uncertain: await cards(uncertain),
      right: await cards(right),
      rivals: await cards(rivals),
    },
  });
  await writeFileAtomic(run.path("report"), page);
  progress(total, total);
  return { report: run.path("report"), figures: files, validation, test };
}

async function writeFigures(folder: string, figures: Figures, advance: Advance): Promise<string[]> {
  const all: Figure[] = Object.values(figures).flat();
  const files = await mapParallel(
    all,
    async ({ name, svg }) => {
      const path = join(folder, name);
      await writeFileAtomic(`${path}.svg`, svg);
      await writeFileAtomic(`${path}.png`, await rasterize(svg));
      return [`${path}.svg`, `${path}.png`];
    },
    () => advance(1),
  );
  return files.flat();
}

function cards(examples: readonly Example[]): Promise<Card[]> {
  return mapParallel(examples, (example) => card(example, jpegDataUri));
}

/** Photos weigh a tenth as JPEG; maps, which must stay exact, are PNG. */
async function jpegDataUri({ width, height, data }: Picture): Promise<string> {
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85, chromaSubsampling: "4:4:4" })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
}
