import { listNames, UsageError } from "../../base/errors.ts";
import { nearestFirst } from "../../base/nearest.ts";
import type { Metric } from "../metric.ts";
import { averageDrop } from "./average-drop.ts";
import { averageGain } from "./average-gain.ts";
import { averageIncrease } from "./average-increase.ts";
import { complexity } from "./complexity.ts";
import { deletion } from "./deletion.ts";
import { infidelity } from "./infidelity.ts";
import { insertion } from "./insertion.ts";
import { maxSensitivity } from "./max-sensitivity.ts";
import { parameterRandomization } from "./parameter-randomization.ts";
import { pointingGame } from "./pointing-game.ts";
import { randomLogit } from "./random-logit.ts";
import { relevanceMass } from "./relevance-mass.ts";
import { relevanceRank } from "./relevance-rank.ts";
import { road } from "./road.ts";
import { roadLerf } from "./road-lerf.ts";
import { roadMorf } from "./road-morf.ts";
import { sparseness } from "./sparseness.ts";

/** Every metric: names, choices, tables and documentation follow from this list. */
export const metrics: readonly Metric[] = [
  deletion,
  insertion,
  road,
  roadMorf,
  roadLerf,
  infidelity,
  averageDrop,
  averageIncrease,
  averageGain,
  pointingGame,
  relevanceMass,
  relevanceRank,
  maxSensitivity,
  sparseness,
  complexity,
  parameterRandomization,
  randomLogit,
];

/** @throws UsageError naming those that are nearest when there is no metric of that name */
export function findMetric(name: string): Metric {
  const metric = metrics.find((candidate) => candidate.name === name);
  if (metric) return metric;
  const nearest = nearestFirst(
    name,
    metrics.map((known) => known.name),
  ).slice(0, 6);
  throw new UsageError(`There is no metric "${name}"; the nearest are ${listNames(nearest)}.`);
}
