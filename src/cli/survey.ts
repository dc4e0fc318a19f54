import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError, UserError } from "../base/errors.ts";
import { keptPart } from "../base/framing.ts";
import { decodePicture, readBytes } from "../data/decode.node.ts";
import type { ExplainOptions } from "../explain/explain.ts";
import type { Model } from "../model/model.ts";
import { preparation } from "../model/preprocessing.ts";
import { counted, percent } from "../render/figures/format.ts";
import { readFonts } from "../render/font.node.ts";
import { type SurveyResults, writeSurvey } from "../report/write-survey.node.ts";
import type { TargetSummary } from "../survey/summary.ts";
import { type Survey, surveyFolder } from "../survey/survey.node.ts";
import { Interrupted } from "./command.ts";
import type { ExplainingOptions } from "./explaining.ts";
import { interruption } from "./interruption.ts";
import { openMasks } from "./masks.ts";
import { note, say, sayJson } from "./output.ts";
import { type PictureOptions, writePictures } from "./pictures.ts";
import { ProgressLine } from "./progress.ts";
import { table } from "./table.ts";

/** What the command line says of a survey besides what it says of any explanation. */
export interface SurveyingOptions extends PictureOptions, Pick<ExplainingOptions, "target"> {
  readonly out?: string;
  readonly raw?: boolean;
  readonly json?: boolean;
  readonly parquet?: boolean;
  readonly pictures?: boolean;
  readonly masks?: string;
}

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** @throws UsageError when an option is for a folder, or a folder stands among images */
export function checkImages(
  images: readonly string[],
  { pictures, masks, parquet }: Pick<SurveyingOptions, "pictures" | "masks" | "parquet">,
): void {
  const folder = images.find(isFolder);
  if (folder !== undefined) throw new UsageError(`${folder} is a folder; explain it in a call of its own.`);
  if (pictures || masks !== undefined || parquet)
    throw new UsageError(
      "--pictures, --masks and --parquet are for a folder of photos; name one in the place of images.",
    );
}

/**
 * Explains a folder of photos, going on where an earlier call was stopped, and sums up where the evidence lies.
 * @throws Interrupted when Ctrl-C ended it
 */
export async function survey(
  model: Model,
  folder: string,
  asked: Omit<ExplainOptions, "target">,
  options: SurveyingOptions,
): Promise<void> {
  const { out, json } = options;
  if (out === undefined)
    throw new UsageError("A folder of photos needs a folder for their explanations: --out FOLDER.");
  const target = targetOf(options.target);
  if (model.input.preprocessing) note(`photos are prepared so: ${preparation(model.input)}`);
  const explained = await explainAll(model, folder, { ...asked, target }, { ...options, out });
  const results = await writeSurvey(explained, {
    model,
    folder,
    out,
    ...(options.parquet ? { parquet: true } : {}),
  });
  if (json)
    sayJson({
      ...{ settings: explained.settings, photos: explained.rows.length, broken: explained.broken },
      ...{ findings: results.findings, suspects: results.suspects, files: results.files },
    });
  else tell(explained, results, out);
  if (explained.broken.length > 0)
    throw new UserError(`${counted(explained.broken.length, "file")} could not be read.`);
}

/** @throws UsageError for more than one target a photo */
function targetOf(targets: readonly string[]): string {
  const [target = "top", ...more] = targets;
  if (more.length > 0 || target === "all" || /^top-\d+$/.test(target))
    throw new UsageError(
      "A folder is explained for one target a photo: top, or a class; ask for others in calls of their own.",
    );
  return target;
}

async function explainAll(
  model: Model,
  folder: string,
  asked: Omit<ExplainOptions, "target"> & { readonly target: string },
  { out, raw, masks, ...options }: SurveyingOptions & { readonly out: string },
): Promise<Survey> {
  const fonts = options.pictures ? await readFonts() : undefined;
  const stopping = interruption("Stopping after these photos; what is explained is kept");
  const line = new ProgressLine(`explaining ${basename(resolve(folder))}`, "img");
  try {
    return await surveyFolder(model, folder, {
      ...asked,
      ...{
        out,
        raw: raw ?? false,
        signal: stopping.signal,
        settings: { pictures: options.pictures ?? false },
      },
      ...(masks === undefined ? {} : { mask: masksIn(masks, model) }),
      onProgress: (done, total, passes) =>
        line.update({
          done,
          total,
          details: passes && passes[1] > 1 ? `pass ${passes[0]}/${passes[1]}` : "",
        }),
      async onExplained(file, explanation) {
        if (!fonts) return;
        const path = join(folder, file);
        const photo = keptPart(await decodePicture(await readBytes(path), path), model.input);
        const stem = join(out, "pictures", file);
        await writePictures({ stem, explanation, fonts, photo, name: basename(file) }, options);
      },
    });
  } catch (error) {
    if (error !== stopping.signal.reason || error instanceof UserError) throw error;
    line.clear();
    note("Stopped; the same command goes on from here.");
    throw new Interrupted();
  } finally {
    line.clear();
    stopping.release();
  }
}

/** Masks lie in their folder as the photos lie in theirs. */
function masksIn(masks: string, { input }: Model): (file: string) => Promise<Uint8Array> {
  const folders = new Map<string, ReturnType<typeof openMasks>>();
  return async (file) => {
    const folder = dirname(file);
    const opened = folders.get(folder) ?? openMasks(join(masks, folder), input);
    folders.set(folder, opened);
    return (await opened)(file);
  };
}

function tell(
  { rows, broken }: Survey,
  { targets, findings, suspects, files }: SurveyResults,
  out: string,
): void {
  const masks = targets.some(({ inside }) => inside);
  say(
    table<TargetSummary>(
      [
        { heading: "evidence for", cell: ({ target }) => target ?? "all" },
        { heading: "photos", cell: ({ photos }) => String(photos), numeric: true },
        { heading: "in the outer tenth", cell: ({ border }) => percent(border.value), numeric: true },
        { heading: "in the middle half", cell: ({ centre }) => percent(centre.value), numeric: true },
        {
          heading: "strongest at the border",
          cell: ({ peaksAtBorder: { value } }) => percent(value),
          numeric: true,
        },
        { heading: "by chance", cell: ({ peaksAtBorder: { chance } }) => percent(chance), numeric: true },
        ...(masks
          ? [
              {
                heading: "in the masks",
                cell: ({ inside }: TargetSummary) => percent(inside?.value ?? Number.NaN),
                numeric: true,
              },
            ]
          : []),
      ],
      targets.slice(0, mostLines),
    ),
  );
  if (targets.length > mostLines) say(`and ${targets.length - mostLines} more`);
  say();
  for (const { sentence } of findings) say(sentence);
  if (findings.length === 0) say(`Nothing stands out in ${counted(rows.length, "photo")}.`);
  const [first] = suspects.files;
  const [which, where] = suspects.by === "inside" ? ["least", "in its mask"] : ["most", "at the border"];
  if (first !== undefined) say(`The ${which} of its evidence ${where} has ${first}.`);
  for (const why of broken) note(`convscope: ${why}`);
  say(`${out}: ${counted(files.length, "file")}, ${files.at(-1)!} first`);
}

const mostLines = 20;
