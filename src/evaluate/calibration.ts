import type { Evaluation, Judgement } from "./evaluate.ts";
import { wilsonInterval } from "./interval.ts";

/** Answers of about one confidence: the probability of the class that the network favours. */
export interface CalibrationBin {
  /** Confidences above `low`, up to `high`. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean confidence; NaN in an empty bin. */
  readonly confidence: number;
  /** Part that is right, NaN in an empty bin, and its 95% interval. */
  readonly accuracy: number;
  readonly interval: readonly [low: number, high: number];
}

/** Whether a network is right as often as it says that it is. */
export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  /** Expected calibration error, `Σ n_b/n |accuracy_b − confidence_b|`: Guo et al. 2017, equation 3. */
  readonly ece: number;
  /** Maximum calibration error, the greatest of these differences: equation 5. */
  readonly mce: number;
  /** Mean squared difference of probabilities from what is true, summed over classes; of two classes that of one. */
  readonly brier: number;
}

const binCount = 15;

/** Calibration in 15 bins of equal width, as in Guo et al. 2017, "On Calibration of Modern Neural Networks". */
export function calibration({ judgements, n }: Evaluation): Calibration {
  const binned = Array.from({ length: binCount }, (): Judgement[] => []);
  for (const judgement of judgements) {
    const bin = Math.ceil(confidence(judgement) * binCount) - 1;
    binned[Math.max(0, Math.min(binCount - 1, bin))]!.push(judgement);
  }
  const bins = binned.map((within, i): CalibrationBin => {
    const right = within.filter(({ sample, predicted }) => sample.label === predicted).length;
    return {
      low: i / binCount,
      high: (i + 1) / binCount,
      n: within.length,
      confidence: within.reduce((sum, judgement) => sum + confidence(judgement), 0) / within.length,
      accuracy: right / within.length,
      interval: wilsonInterval(right, within.length),
    };
  });
  const gaps = bins
    .filter((bin) => bin.n > 0)
    .map((bin) => ({ gap: Math.abs(bin.accuracy - bin.confidence), weight: bin.n / n }));
  return {
    bins,
    ece: gaps.reduce((sum, { gap, weight }) => sum + weight * gap, 0),
    mce: Math.max(0, ...gaps.map(({ gap }) => gap)),
    brier: judgements.reduce((sum, judgement) => sum + squaredError(judgement), 0) / n,
  };
}

function confidence({ scores, predicted }: Judgement): number {
  return scores[predicted]!.probability;
}

function squaredError({ sample, scores }: Judgement): number {
  const sum = scores.reduce(
    (total, { index, probability }) => total + (probability - (index === sample.label ? 1 : 0)) ** 2,
    0,
  );
  return scores.length === 2 ? sum / 2 : sum;
}
