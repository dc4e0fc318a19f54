import type { Evaluation } from "./evaluate.ts";
import { classLogits, logOdds } from "./softmax.ts";

export type Point = readonly [x: number, y: number];

/** How well a score puts the pictures of a class before all others, whatever the threshold. */
export interface Ranking {
  /** False against true positive rate, from `[0, 0]` to `[1, 1]`: a point for each distinct score. */
  readonly roc: readonly Point[];
  /** Area under `roc` by trapezoids: how often a picture of the class is put before another one, ties counting half. */
  readonly auc: number;
  /** Recall against precision: a point for each distinct score, the highest first. */
  readonly precisionRecall: readonly Point[];
  /** `Σ (R_i − R_{i−1}) P_i` over these: no interpolation, as scikit-learn defines it. */
  readonly averagePrecision: number;
}

const nothing: Ranking = { roc: [], auc: Number.NaN, precisionRecall: [], averagePrecision: Number.NaN };

/**
 * Ranks pictures by `scores`, the highest first; equal scores share one threshold. Without pictures of the class or
 * without others there are no curves, and the areas are NaN.
 */
export function rank(scores: readonly number[], isPositive: readonly boolean[]): Ranking {
  const positives = isPositive.filter(Boolean).length;
  const negatives = isPositive.length - positives;
  if (positives === 0 || negatives === 0) return nothing;
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const roc: Point[] = [[0, 0]];
  const precisionRecall: Point[] = [];
  let [hits, alarms, earlierHits, earlierAlarms, area, precisions] = [0, 0, 0, 0, 0, 0];
  order.forEach((index, place) => {
    if (isPositive[index]) hits++;
    else alarms++;
    if (place + 1 < order.length && scores[order[place + 1]!] === scores[index]) return;
    const precision = hits / (hits + alarms);
    roc.push([alarms / negatives, hits / positives]);
    precisionRecall.push([hits / positives, precision]);
    area += ((alarms - earlierAlarms) * (hits + earlierHits)) / 2;
    precisions += (hits - earlierHits) * precision;
    [earlierHits, earlierAlarms] = [hits, alarms];
  });
  return {
    roc,
    auc: area / (positives * negatives),
    precisionRecall,
    averagePrecision: precisions / positives,
  };
}

/** Each class against all others, ranked by its log-odds, in class order. */
export function rankings({ judgements, confusion }: Evaluation): Ranking[] {
  const odds = judgements.map(({ logits }) => logOdds(classLogits(logits)));
  return confusion.map((_, label) =>
    rank(
      odds.map((row) => row[label]!),
      judgements.map(({ sample }) => sample.label === label),
    ),
  );
}
