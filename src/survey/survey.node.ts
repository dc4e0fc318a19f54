import { join, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Picture } from "../base/picture.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import { decodePicture, readBytes } from "../data/decode.node.ts";
import { inspectFile } from "../data/inspect.node.ts";
import { mapParallel } from "../data/parallel.ts";
import { type ExplainOptions, explainBatch, findMethod } from "../explain/explain.ts";
import type { Explanation } from "../explain/explanation.ts";
import { layerOf } from "../explain/layer.ts";
import { plainOptions } from "../explain/record.ts";
import { featureHash } from "../features/key.ts";
import { writeNpy } from "../formats/npy.ts";
import { isClassifier } from "../model/classifier.ts";
import { LOGITS, type Model } from "../model/model.ts";
import { preprocess } from "../model/preprocessing.ts";
import { labelIn, photosIn } from "./photos.node.ts";
import { openRecord, type SurveyRecord, type SurveySettings } from "./record.node.ts";
import { rowOf, type Surveyed, type SurveyRow } from "./row.ts";

export interface SurveyOptions extends Omit<ExplainOptions, "onProgress" | "target"> {
  /** The class to explain in every photo; the most probable of each unless said. */
  readonly target?: string | number;
  /** Where the survey goes; one that was stopped there goes on. */
  readonly out: string;
  /** Whether the unscaled numbers of each photo are written too, as `maps/PHOTO.npy`. */
  readonly raw?: boolean;
  /** Of a photo, by its name, where its evidence should lie: `[H, W]` of the network's input. */
  readonly mask?: (file: string) => Promise<Uint8Array>;
  /** What else the photos' results depend on, for the record. */
  readonly settings?: SurveySettings;
  /** Called with each photo once, before its row is written. */
  readonly onExplained?: (file: string, explanation: Explanation) => Promise<void>;
  /** Ends it between batches, or within one that takes many passes; what is explained stays. */
  readonly signal?: AbortSignal;
  /** Told how many photos are done, and how far the batch in work is. */
  readonly onProgress?: (done: number, photos: number, passes?: readonly [done: number, of: number]) => void;
}

/** The explanations of a folder of photos. */
export interface Survey {
  readonly settings: SurveySettings;
  /** In the order of the photos' names. */
  readonly rows: readonly SurveyRow[];
  /** Why photos could not be explained, one sentence each. */
  readonly broken: readonly string[];
}

interface Loaded extends Surveyed {
  readonly picture: Picture;
}

/**
 * Explains every photo in a folder and its subfolders, up to four deep, and keeps a row of each in `explanations.jsonl`. Photos that have a
 * row there already, and are as they were, are not explained anew.
 * @throws UserError when the folder holds no photos, or `out` a survey with other settings
 * @throws the signal's reason when it ends it
 */
export async function surveyFolder(
  model: Model,
  folder: string,
  { out, raw, mask, settings: more, onExplained, signal, onProgress, ...asked }: SurveyOptions,
): Promise<Survey> {
  const files = await photosIn(folder, out);
  const settings = await settingsOf(model, folder, asked, {
    ...more,
    raw: raw ?? false,
    masks: mask !== undefined,
  });
  const record = await openRecord(out, settings);
  const { batch = 8 } = asked;
  const { height, width } = model.input;
  const broken: string[] = [];
  const photos = new Set<string>();
  const pending: Loaded[] = [];
  let seen = 0;

  const look = async (file: string): Promise<Loaded | undefined> => {
    const path = join(folder, file);
    const finding = await inspectFile(path);
    if (!finding) return undefined;
    if ("error" in finding) throw new UserError(finding.error);
    if (record.rows.get(file)?.hash === finding.hash) {
      photos.add(file);
      return undefined;
    }
    const picture = await decodePicture(await readBytes(path), path, model.input);
    const label = labelIn(folder, file, model.classes);
    photos.add(file);
    return {
      ...{ file, hash: finding.hash, picture },
      ...(label === undefined ? {} : { label }),
      ...(mask ? { mask: { shape: [height, width] as const, data: await mask(file) } } : {}),
    };
  };
  const explainNext = async (): Promise<void> => {
    const loaded = pending.splice(0, batch);
    const before = seen - pending.length - loaded.length;
    const inputs = preprocess(
      model.input,
      loaded.map(({ picture }) => picture),
    );
    const explanations = await explainBatch(model, inputs, {
      ...asked,
      onProgress(done, of) {
        onProgress?.(before, files.length, [done, of]);
        if (done < of) signal?.throwIfAborted();
      },
    });
    for (const [at, { file }] of loaded.entries()) {
      if (raw) await writeFileAtomic(join(out, "maps", `${file}.npy`), writeNpy(explanations[at]!.raw));
      await onExplained?.(file, explanations[at]!);
    }
    await record.append(loaded.map((photo, at) => rowOf(photo, explanations[at]!)));
    onProgress?.(before + loaded.length, files.length);
  };

  try {
    for (let at = 0; at < files.length; at += batch) {
      signal?.throwIfAborted();
      const chunk = files.slice(at, at + batch);
      const found = await mapParallel(chunk, (file) =>
        look(file).catch((error: unknown) => refused(error, broken)),
      );
      pending.push(...found.filter((photo) => photo !== undefined));
      seen += chunk.length;
      if (pending.length >= batch) await explainNext();
    }
    signal?.throwIfAborted();
    if (pending.length > 0) await explainNext();
    return { settings, rows: await finished(record, folder, files, photos, broken), broken: broken.sort() };
  } finally {
    await record.close();
  }
}

/** What is broken is named, and does not keep the others from their turn. */
function refused(error: unknown, broken: string[]): undefined {
  if (!(error instanceof UserError)) throw error;
  broken.push(error.message);
}

/** The rows of the photos that are there now, in their order, which the index has from now on. */
async function finished(
  record: SurveyRecord,
  folder: string,
  files: readonly string[],
  photos: ReadonlySet<string>,
  broken: readonly string[],
): Promise<SurveyRow[]> {
  const rows = files.filter((file) => photos.has(file)).flatMap((file) => record.rows.get(file) ?? []);
  if (rows.length === 0)
    throw new UserError(
      broken.length > 0
        ? `None of the ${broken.length} photos in ${folder} can be read; the first: ${broken[0]}.`
        : `${folder} holds no photos; name a folder that does.`,
    );
  await record.replace(rows);
  return rows;
}

async function settingsOf(
  model: Model,
  folder: string,
  { options, batch: _, memory: __, ...asked }: Omit<ExplainOptions, "onProgress">,
  more: SurveySettings,
): Promise<SurveySettings> {
  const method = findMethod(asked.method ?? "grad-cam");
  const layers = [asked.layer].flat().flatMap((layer) => layerOf(model, method, layer)?.name ?? []);
  const settings = {
    photos: resolve(folder),
    model: await featureHash(model, isClassifier(model) ? LOGITS : model.graph.outputs[0]!.name),
    ...{ target: "top", ...asked, method: method.name, layer: layers.join(" + ") },
    options: await plainOptions(options ?? {}),
    ...more,
  };
  // As it will be read.
  return JSON.parse(JSON.stringify(settings)) as SurveySettings;
}
