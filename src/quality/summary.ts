import { bootstrapIntervals } from "../evaluate/bootstrap.ts";
import type { Passes } from "../explain/ask.ts";
import type { Curve, Measurement, Metric } from "./metric.ts";
import type { Scored } from "./score.ts";

/** What a metric says of a method, over pictures. */
export interface MetricSummary {
  readonly mean: number;
  /** 95%, by the bootstrap; undefined of a single picture. */
  readonly interval: readonly [low: number, high: number] | undefined;
  /** Of each picture. */
  readonly values: readonly number[];
  /** The mean of the pictures' curves. */
  readonly curves: Readonly<Record<string, Curve>>;
}

/** How good a method's explanations are, and what they cost. */
export interface MethodSummary {
  /** Of a picture, the median: the first takes longer, as programs are compiled for it. */
  readonly seconds: number;
  readonly passes: Passes;
  /** By the names of the metrics that could be measured. */
  readonly metrics: ReadonlyMap<string, MetricSummary>;
}

/** What is kept of a picture's scores. */
export type PictureScore = Pick<Scored, "seconds" | "measured"> & Pick<Scored["explanation"], "passes">;

/** @param scores of one method, one a picture, at least one */
export function summarizeMethod(scores: readonly PictureScore[]): MethodSummary {
  const names = new Set(scores.flatMap(({ measured }) => [...measured.keys()]));
  const metrics = [...names].map((name) => {
    const measurements = scores.flatMap(({ measured }) => measured.get(name) ?? []);
    return [name, summarizeScores(measurements)] as const;
  });
  const times = scores.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return {
    seconds: times[times.length >> 1]!,
    passes: {
      forward: meanOf(scores.map(({ passes }) => passes.forward)),
      backward: meanOf(scores.map(({ passes }) => passes.backward)),
    },
    metrics: new Map(metrics),
  };
}

/** @param measurements by one metric, one a picture, at least one */
export function summarizeScores(measurements: readonly Measurement[]): MetricSummary {
  const values = measurements.map(({ value }) => value);
  const [first] = measurements as [Measurement];
  const curves = Object.entries(first.curves ?? {}).map(([name, curve]) => {
    const points = curve.map(
      ([at], point) => [at, meanOf(measurements.map(({ curves }) => curves![name]![point]![1]))] as const,
    );
    return [name, points] as const;
  });
  return {
    mean: meanOf(values),
    interval:
      values.length > 1 ? bootstrapIntervals(values, (drawn) => ({ mean: meanOf(drawn) })).mean : undefined,
    values,
    curves: Object.fromEntries(curves),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Whether a method does better than another by a metric, over the same pictures: true where the 95% interval of the mean difference says
 * so, by the bootstrap.
 */
export function doesBetter(
  { better }: Pick<Metric, "better">,
  one: MetricSummary,
  other: MetricSummary,
): boolean {
  const sign = better === "higher" ? 1 : -1;
  const differences = one.values.map((value, at) => sign * (value - other.values[at]!));
  return bootstrapIntervals(differences, (drawn) => ({ mean: meanOf(drawn) })).mean[0] > 0;
}
