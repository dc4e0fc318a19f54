import { join } from "node:path";
import { listNames, UserError } from "../base/errors.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import { listDataset } from "../data/listing.ts";
import { mapParallel, type Progress } from "../data/parallel.ts";
import type { Engine } from "../engine/engine.ts";
import { evaluateTask, splitScore, type TaskEvaluation } from "../evaluate/task-evaluation.ts";
import { withConstants } from "../model/batch.ts";
import type { Model } from "../model/model.ts";
import { openModel } from "../model/open.node.ts";
import { closeModel } from "../model/programs.ts";
import { readFonts } from "../render/font.node.ts";
import { pngDataUri } from "../render/png.ts";
import { rasterize } from "../render/raster.node.ts";
import { type Run, readEnvironment, readListing, readState } from "../train/run.node.ts";
import { writeScores } from "../train/run-record.node.ts";
import { bestRow, type EpochRow } from "../train/state.ts";
import type { Material } from "../train/train-run.node.ts";
import { readWatched } from "../train/watched.node.ts";
import { type Card, card } from "./cards.ts";
import { drawFigures, type Figure, type Figures } from "./figures.ts";
import { type Advance, type Example, findOut, type Judge, mostExamples } from "./findings.ts";
import { reportHtml } from "./html.ts";
import { jpegDataUri } from "./jpeg.node.ts";
import { pairsOf } from "./near-duplicates.ts";
import { stripsOf, timeLapseOf } from "./time-lapse.ts";

export interface ReportOptions {
  /** What the run was trained on: its pictures, their classes in its order, and their features if the head alone was trained. */
  readonly material: Pick<Material, "dataset" | "transfer" | "features">;
  readonly engine: Engine;
  /** Told after each picture that was evaluated or explained, and each figure drawn, all counted as one. */
  readonly progress?: Progress;
}

export interface Report {
  /** The HTML file. */
  readonly report: string;
  /** The figures' files, SVG and PNG. */
  readonly figures: readonly string[];
  readonly validation: TaskEvaluation;
  /** Undefined where the data has no test pictures. */
  readonly test: TaskEvaluation | undefined;
}

/**
 * Evaluates a run's best network and writes its figures (each as SVG and PNG) and `report.html` into the run folder.
 * @throws UserError when no epoch has ended, a picture has vanished, the classes are not the run's, or the disk refuses
 */
export async function writeReport(run: Run, { material, engine, progress }: ReportOptions): Promise<Report> {
  const model = await openModel(run.folder, { engine });
  try {
    return await write(run, model, material, progress ?? (() => {}));
  } finally {
    await closeModel(model);
  }
}

async function write(
  run: Run,
  model: Model,
  material: ReportOptions["material"],
  progress: Progress,
): Promise<Report> {
  const { dataset } = material;
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
  const judge = judgeOf(model, material, bestRow(history)!);
  const findings = await findOut(model, dataset, judge, run.config.seed, advance);
  const best = bestRow(history)!.epoch;
  const watched = (await readWatched(run)).filter(({ epoch }) => epoch <= history.length);
  const timeLapse = await timeLapseOf(model, dataset, watched, best);
  const figures = drawFigures(model, findings, history, timeLapse, fonts);
  const files = await writeFigures(run.path("figures"), figures, advance);
  const { mistakes, uncertain, right, rivals, validation, test } = findings;
  await writeScores(run, {
    epoch: best,
    validation: splitScore(validation),
    test: test && splitScore(test),
  });
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
    pairs: await pairsOf(dataset, model.input, jpegDataUri),
    timeLapse,
    strips: timeLapse ? await stripsOf(timeLapse, jpegDataUri) : [],
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

/** How a split is judged: by the features of its pictures, where these are those of the best epoch's backbone. */
function judgeOf(
  model: Model,
  { dataset, transfer, features }: ReportOptions["material"],
  best: EpochRow,
): Judge {
  if (!transfer || !features || best.fineTuning)
    return (split, progress) => evaluateTask(model, dataset, split, { progress });
  const { head } = transfer;
  const weights = [...model.graph.initializers].filter(([name]) => head.graph.initializers.has(name));
  const { source, engine } = model;
  const judging = { ...withConstants(head, new Map(weights)), source, engine };
  return (split, progress) => evaluateTask(judging, dataset, split, { features, progress });
}

async function writeFigures(folder: string, figures: Figures, advance: Advance): Promise<string[]> {
  const { scores, ...others } = figures;
  const all: Figure[] = [...Object.values(others), ...Object.values(scores)].flat();
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
