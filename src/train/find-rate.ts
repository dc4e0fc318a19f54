import { UserError } from "../base/errors.ts";
import { batchCount } from "../data/loader.ts";
import { Diverged, type FitOptions, fit } from "./fit.ts";
import type { Schedule } from "./schedules/schedule.ts";

/** A step that was made at a rate, and the loss that it found. */
export interface RateTrial {
  readonly rate: number;
  readonly loss: number;
  /** Mean of the losses so far, the last counting most. */
  readonly smoothed: number;
}

export interface RateSearch {
  readonly trials: readonly RateTrial[];
  /** The highest rate before the smoothed loss, after its lowest, rose by a tenth. */
  readonly highest: number;
  /** A tenth of it, from which what makes the loss grow is far. */
  readonly suggested: number;
}

export interface RateSearchOptions {
  /** The first rate, and the last, which is reached unless the loss runs away before. */
  readonly from?: number;
  readonly to?: number;
  /** More than 10. */
  readonly steps?: number;
}

/** Weight of the losses before in the smoothed one. */
const INERTIA = 0.9;
/** Trials that are passed over: a mean of so few losses is high or low by chance, with dropout more than ever. */
const SETTLING = 10;
/** What the smoothed loss may rise to before its rate is too high, as a multiple of its lowest. */
const RISE = 1.1;
/** The search ends when the smoothed loss has grown to so many times its lowest. */
const RUNAWAY = 4;

/**
 * Looks for a learning rate (Smith 2017, 3.3): trains for some steps, each at a higher rate than the one before, until the loss runs away, and
 * suggests a tenth of the rate at which the smoothed loss began to rise from its lowest. Where it was lowest, which fast.ai takes, is chance
 * for a network whose loss hardly falls in so few steps.
 * @throws UserError when the loss rises from the beginning
 */
export async function findRate(
  options: Omit<FitOptions, "schedule" | "learningRate" | "epochs" | "patience" | "state">,
  { from = 1e-7, to = 1, steps = 100 }: RateSearchOptions = {},
): Promise<RateSearch> {
  const { dataset, batch, signal } = options;
  const epochs = Math.ceil(steps / batchCount(dataset.splits.train.length, { batch }));
  const all = epochs * batchCount(dataset.splits.train.length, { batch });
  const rateOf = (step: number): number => from * (to / from) ** (step / (steps - 1));
  const schedule: Schedule = {
    name: "rising",
    summary: "evenly in its logarithm",
    rate: (_, part) => rateOf(Math.round(part * all)),
  };
  const enough = new AbortController();
  const trials: RateTrial[] = [];
  let mean = 0;
  await fit({
    ...{ ...options, epochs, schedule, learningRate: from },
    signal: signal ? AbortSignal.any([signal, enough.signal]) : enough.signal,
    onStep(progress) {
      mean = INERTIA * mean + (1 - INERTIA) * progress.loss;
      const smoothed = mean / (1 - INERTIA ** (trials.length + 1));
      trials.push({ rate: rateOf(trials.length), loss: progress.loss, smoothed });
      const lowest = best(trials.slice(SETTLING))?.smoothed ?? Number.POSITIVE_INFINITY;
      if (trials.length === steps || smoothed > RUNAWAY * lowest) enough.abort();
      options.onStep?.(progress);
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Diverged)) throw error;
  });
  signal?.throwIfAborted();
  const settled = trials.slice(SETTLING);
  const lowest = best(settled);
  if (!lowest || (lowest === settled[0] && lowest.smoothed > RISE * trials[0]!.smoothed))
    throw new UserError(
      `The loss rises at once, at the rate ${from}; begin lower, or look at the pictures and their labels.`,
    );
  const later = settled.slice(settled.indexOf(lowest));
  const rise = later.findIndex(({ smoothed }) => smoothed > RISE * lowest.smoothed);
  const highest = later.at(rise < 0 ? -1 : rise - 1)!.rate;
  return { trials, highest, suggested: highest / 10 };
}

const best = (trials: readonly RateTrial[]): RateTrial | undefined =>
  trials.toSorted((a, b) => a.smoothed - b.smoothed)[0];
