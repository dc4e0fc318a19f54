import { basename, join, resolve } from "node:path";
import { rangeOf } from "../base/range.ts";
import { resizeMap } from "../base/resize.ts";
import { slug } from "../base/slug.ts";
import { float32 } from "../base/tensor.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import { decodePicture, readBytes } from "../data/decode.node.ts";
import { findMethod } from "../explain/explain.ts";
import { writeNpy } from "../formats/npy.ts";
import type { Model } from "../model/model.ts";
import { colorize } from "../render/colormaps.ts";
import { writePng } from "../render/png.node.ts";
import { overlay } from "../render/renderings/overlay.ts";
import { type Finding, findingsAmong } from "../survey/findings.ts";
import { cellsOf, type SurveyRow } from "../survey/row.ts";
import { summarizeTargets, suspectsAmong, type TargetSummary } from "../survey/summary.ts";
import type { Survey } from "../survey/survey.node.ts";
import { surveyCsv, surveyParquet } from "../survey/table.ts";
import { jpegDataUri } from "./jpeg.node.ts";
import { type SuspectCard, surveyPage } from "./survey.ts";

export interface WriteSurveyOptions {
  readonly model: Model;
  /** The folder of photos, and that of the survey. */
  readonly folder: string;
  readonly out: string;
  /** Whether the table is written as Parquet, too. */
  readonly parquet?: boolean;
}

/** What a survey shows. */
export interface SurveyResults {
  readonly targets: readonly TargetSummary[];
  readonly findings: readonly Finding[];
  /** Names of the photos whose evidence lies furthest out, and what that goes by. */
  readonly suspects: { readonly by: "inside" | "border"; readonly files: readonly string[] };
  /** The files written. */
  readonly files: readonly string[];
}

const mostSuspects = 12;

/**
 * Writes what follows from a survey's index into its folder: the tables, the mean map of each target as picture and numbers, `summary.json`
 * and the page `summary.html`.
 */
export async function writeSurvey(
  { settings, rows, broken }: Survey,
  { model, folder, out, parquet }: WriteSurveyOptions,
): Promise<SurveyResults> {
  const files: string[] = [join(out, "explanations.jsonl")];
  const write = async (name: string, content: Uint8Array | string): Promise<void> => {
    files.push(join(out, name));
    await writeFileAtomic(join(out, name), content);
  };
  await write("explanations.csv", surveyCsv(rows));
  if (parquet) await write("explanations.parquet", surveyParquet(rows));
  const targets = summarizeTargets(rows);
  const findings = findingsAmong(targets);
  for (const [at, stem] of stemsOf(targets).entries()) {
    const { average } = targets[at]!;
    await write(`average/${stem}.npy`, writeNpy(average));
    const [, most] = rangeOf(average.data);
    const drawn = resizeMap(average, model.input.height, model.input.width);
    files.push(join(out, "average", `${stem}.png`));
    await writePng(files.at(-1)!, colorize(drawn, { range: [0, most || 1] }));
  }
  const suspects = suspectsAmong(rows, mostSuspects);
  const { by } = suspects;
  const names = suspects.rows.map(({ file }) => file);
  await write(
    "summary.json",
    `${JSON.stringify({ settings, photos: rows.length, broken, findings, suspects: { by, files: names }, targets: targets.map(plain) }, null, 2)}\n`,
  );
  const cards: SuspectCard[] = [];
  for (const row of suspects.rows) cards.push(await suspectCard(row, folder, model));
  await write(
    "summary.html",
    surveyPage({
      ...{
        photos: basename(resolve(folder)),
        model: basename(model.source),
        rows,
        targets,
        findings,
        broken,
      },
      method: findMethod(String(settings.method)),
      layer: String(settings.layer),
      aspect: model.input.width / model.input.height,
      suspects: { by, cards },
    }),
  );
  return { targets, findings, suspects: { by, files: names }, files };
}

/** File names for targets, in their order: two may differ in signs alone. */
function stemsOf(targets: readonly TargetSummary[]): string[] {
  const taken = new Set<string>();
  return targets.map(({ target }) => {
    const name = slug(target ?? "all") || "target";
    let stem = name;
    for (let number = 2; taken.has(stem); number++) stem = `${name}-${number}`;
    taken.add(stem);
    return stem;
  });
}

/** Without its map, which is a file of its own. */
const plain = ({ average: _, ...rest }: TargetSummary): Omit<TargetSummary, "average"> => rest;

/** The photo as the network sees it, and its map as the index has it over it. */
async function suspectCard(row: SurveyRow, folder: string, { input }: Model): Promise<SuspectCard> {
  const path = join(folder, row.file);
  const photo = await decodePicture(await readBytes(path), path, input);
  const map = float32(cellsOf(row.resolution), Float32Array.from(row.map));
  return { row, photo: await jpegDataUri(photo), overlay: await jpegDataUri(overlay(photo, map)) };
}
