import { float32, type Tensor } from "../base/tensor.ts";
import { bootstrapIntervals } from "../evaluate/bootstrap.ts";
import { wilsonInterval } from "../evaluate/interval.ts";
import { atBorder, peaksByChance, regionOf, regions } from "./place.ts";
import { cellsOf, type SurveyRow } from "./row.ts";

/** A number over photos, with its 95% interval; NaN over none. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
}

/** A share of photos, and what it would be if the strongest place were any. */
export interface Share extends Estimate {
  readonly chance: number;
}

/** Where the evidence for one target lies, over the photos that it was explained in; or for all of them, over all photos. */
export interface TargetSummary {
  /** Undefined for all. */
  readonly target: string | undefined;
  readonly photos: number;
  /** Photos whose map has nothing above zero; they count in nothing below. */
  readonly silent: number;
  /** Photos whose label is known, and those of them that the network calls so. */
  readonly labelled: number;
  readonly correct: number;
  /** Mean part of the evidence in the outer tenth, and in the middle half; with masks, in these, and the mean part that these are. */
  readonly border: Estimate;
  readonly centre: Estimate;
  readonly inside?: Estimate;
  readonly masked?: number;
  /** Photos whose evidence is strongest in the outer tenth. */
  readonly peaksAtBorder: Share;
  /** Photos by where their evidence is strongest: a share for each of the `regions`. */
  readonly peaks: readonly Share[];
  /** Mean of the maps, each as parts of its sum: `[h, w]`, at most 16 a side. */
  readonly average: Tensor<"float32">;
}

/** A summary for each target, those of most photos first; before them, where there are several, one for all. */
export function summarizeTargets(rows: readonly SurveyRow[]): TargetSummary[] {
  const groups = new Map<string, SurveyRow[]>();
  for (const row of rows) {
    const group = groups.get(row.target);
    if (group) group.push(row);
    else groups.set(row.target, [row]);
  }
  const targets = [...groups]
    .sort(([a, { length: one }], [b, { length: other }]) => other - one || (a < b ? -1 : 1))
    .map(([target, group]) => summarize(target, group));
  return targets.length > 1 ? [summarize(undefined, rows), ...targets] : targets;
}

function summarize(target: string | undefined, rows: readonly SurveyRow[]): TargetSummary {
  const speaking = rows.filter(hasEvidence);
  const count = speaking.length;
  const chance = peaksByChance(rows[0]!.resolution);
  const share = (hits: number, byChance: number): Share => ({
    value: hits / count,
    interval: wilsonInterval(hits, count),
    chance: byChance,
  });
  const peaks = new Array<number>(regions.length).fill(0);
  for (const row of speaking) peaks[regionOf(row)]!++;
  const masks = speaking.filter(({ inside }) => inside !== undefined);
  return {
    target,
    photos: rows.length,
    silent: rows.length - count,
    labelled: rows.filter(({ correct }) => correct !== undefined).length,
    correct: rows.filter(({ correct }) => correct).length,
    border: estimate(speaking.map(({ border }) => border)),
    centre: estimate(speaking.map(({ centre }) => centre)),
    ...(masks.length > 0
      ? {
          inside: estimate(masks.map(({ inside }) => inside!)),
          masked: meanOf(masks.map(({ masked }) => masked!)),
        }
      : {}),
    peaksAtBorder: share(speaking.filter(atBorder).length, chance.border),
    peaks: peaks.map((hits, region) => share(hits, chance.regions[region]!)),
    average: averageOf(speaking, cellsOf(rows[0]!.resolution)),
  };
}

type Speaking = SurveyRow & Required<Pick<SurveyRow, "border" | "centre" | "peakX" | "peakY">>;

const hasEvidence = (row: SurveyRow): row is Speaking => row.border !== undefined;

function estimate(values: readonly number[]): Estimate {
  const value = meanOf(values);
  if (values.length < 2) return { value, interval: [0, 1] };
  return { value, interval: bootstrapIntervals(values, (drawn) => ({ mean: meanOf(drawn) })).mean };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function averageOf(rows: readonly SurveyRow[], [height, width]: [number, number]): Tensor<"float32"> {
  const sums = new Float64Array(height * width);
  for (const { map } of rows) for (let at = 0; at < sums.length; at++) sums[at]! += map[at]!;
  return float32(
    [height, width],
    Float32Array.from(sums, (value) => value / Math.max(1, rows.length)),
  );
}

/** By what photos are ranked: masks, where all have one, tell better than the border. */
export type SuspectMeasure = "inside" | "border";

/** The photos whose evidence lies most outside of what the masks show; without masks, most at the border. */
export function suspectsAmong(
  rows: readonly SurveyRow[],
  most: number,
): { readonly by: SuspectMeasure; readonly rows: readonly SurveyRow[] } {
  const speaking = rows.filter(hasEvidence);
  const by =
    speaking.length > 0 && speaking.every(({ inside }) => inside !== undefined) ? "inside" : "border";
  const outside = (row: Speaking): number => (by === "inside" ? -row.inside! : row.border);
  return { by, rows: speaking.toSorted((a, b) => outside(b) - outside(a)).slice(0, most) };
}
