import type { OptionValues } from "../explain/option.ts";
import type { Trial } from "./trial.ts";

/** A way to say how good an explanation is, as a number. */
export interface Metric<O extends Partial<OptionValues> = Partial<OptionValues>> {
  readonly name: string;
  /** As papers write it. */
  readonly title: string;
  readonly family: MetricFamily;
  /** One line for people: what it asks. */
  readonly summary: string;
  readonly formula: string;
  /** Authors, year and equation, and where we depart from it. */
  readonly paper: string;
  readonly better: "higher" | "lower";
  /** Between which numbers it lies. */
  readonly range: readonly [low: number, high: number];
  readonly needs: readonly Need[];
  /** The options that it takes, with what they are unless given. */
  readonly options: Readonly<O>;
  measure(trial: Trial, options: Readonly<O>): Measurement | Promise<Measurement>;
}

/** What is measured of one explanation. */
export interface Measurement {
  readonly value: number;
  /** What it was computed from, by name: points to be drawn. */
  readonly curves?: Readonly<Record<string, Curve>>;
}

/** A number at each place: a share of the pixels, or a layer. */
export type Curve = readonly (readonly [at: number | string, value: number])[];

/** What metrics are about, in the order they are shown in. */
export const metricFamilies = {
  removal: "what pixels do when they are taken away",
  masking: "what is left where only the evidence is shown",
  localization: "whether the evidence lies where it is known to be",
  robustness: "whether alike pictures have alike maps",
  concentration: "how few pixels hold the evidence",
  randomization: "whether the map depends on what the network has learnt",
} as const;

export type MetricFamily = keyof typeof metricFamilies;

/**
 * What a metric cannot do without: a mask of where the evidence lies; the method, to explain again; probabilities; other classes; layers
 * that are known to have weights.
 */
export type Need = "mask" | "method" | "probability" | "rival" | "weights";
