import type { Dataset } from "../data/dataset.ts";
import type { Model } from "../model/model.ts";
import { taskOf } from "../model/tasks/index.ts";
import type { TimeLapseInput, TimeLapsePhoto } from "../render/figures/time-lapse.ts";
import { hasEvidence, type Moment, sharedRange, spread } from "../render/moments.ts";
import { overlay } from "../render/renderings/overlay.ts";
import type { WatchedEpoch } from "../train/watched.ts";
import type { Encode } from "./cards.ts";
import { enlarged } from "./findings.ts";
import { reportOf } from "./tasks/index.ts";

/**
 * What a run made of its watched pictures, as the figure takes it; undefined where it watched none that are left.
 * @param epochs in order
 */
export async function timeLapseOf(
  model: Model,
  dataset: Dataset,
  epochs: readonly WatchedEpoch[],
  best: number,
): Promise<TimeLapseInput | undefined> {
  const [first] = epochs;
  if (!first) return undefined;
  const { truth } = reportOf(model);
  const samples = new Map(
    Object.values(dataset.splits).flatMap((all) => all.map((sample) => [sample.name, sample])),
  );
  const photos: TimeLapsePhoto[] = [];
  for (const { name, target } of first.pictures) {
    const sample = samples.get(name);
    if (!sample) continue;
    const photo = await dataset.read(sample, enlarged(model.input));
    const label = truth({ sample }, target, model.classes);
    photos.push({ photo, label, name, moments: momentsOf(model, name, epochs) });
  }
  return photos.length > 0 ? { photos, method: `${first.method}, layer ${first.layer}`, best } : undefined;
}

function momentsOf(model: Model, name: string, epochs: readonly WatchedEpoch[]): Moment[] {
  return epochs.flatMap(({ epoch, pictures }) =>
    pictures
      .filter((picture) => picture.name === name)
      .map(({ raw, target, outputs }) => ({
        epoch,
        attribution: { ...raw, data: raw.data.map((value) => Math.max(0, value)) },
        ...taskOf(model).reading(outputs.data[target]!),
      })),
  );
}

/** A watched photo with its pictures as `data:` URIs, ready for the page. */
export interface Strip extends Pick<TimeLapsePhoto, "label" | "name"> {
  readonly photo: string;
  readonly moments: readonly (Omit<Moment, "attribution"> & { readonly overlay: string })[];
  /** What the last colour of its heatmaps stands for, in units of the logit; 0 where there is no evidence at all. */
  readonly most: number;
}

/** The photos of a time-lapse with as many of their epochs as the figure shows, on the figure's scales. */
export function stripsOf({ photos, best }: TimeLapseInput, encode: Encode): Promise<Strip[]> {
  return Promise.all(
    photos.map(async ({ photo, label, name, moments }) => {
      const shown = spread(moments, best);
      const range = sharedRange(shown, false);
      const overlays = shown.map(({ attribution }) => encode(overlay(photo, attribution, { range })));
      return {
        ...{ label, name, most: hasEvidence(shown) ? range[1] : 0 },
        photo: await encode(photo),
        moments: (await Promise.all(overlays)).map((picture, at) => ({ ...shown[at]!, overlay: picture })),
      };
    }),
  );
}
