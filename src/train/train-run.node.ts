import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { smallConvnet } from "../model/architectures/small-convnet.ts";
import type { Network } from "../model/model.ts";
import { classWeightsOf } from "./class-weights.ts";
import type { RunConfig } from "./config.ts";
import { type FitOptions, type FitResult, fit } from "./fit.ts";
import { optimizers } from "./optimizers/index.ts";
import { type Run, saveState } from "./run.node.ts";
import { type Schedule, schedules } from "./schedules/index.ts";
import type { TrainingState } from "./state.ts";
import { warmUp } from "./warm-up.ts";

/** What may be watched and stopped from outside. */
export type TrainRunHooks = Pick<FitOptions, "signal" | "onStep" | "onEpoch">;

/** The run's network with its initial weights. */
export function networkOf(config: RunConfig, classes: readonly string[]): Network {
  const { size, filters, units, dropout, seed } = config;
  return smallConvnet({ classes, size, filters, units, dropout, seed });
}

function scheduleOf({ schedule, warmUp: epochs, ...config }: RunConfig): Schedule {
  return epochs > 0 ? warmUp(schedules[schedule], epochs / config.epochs) : schedules[schedule];
}

/** How a run's configuration has its network trained. */
export function fitOptions(
  config: RunConfig,
  dataset: Dataset,
  engine: Engine,
): Omit<FitOptions, "onStep" | "onEpoch" | "signal" | "state"> {
  return {
    network: networkOf(config, dataset.classes),
    dataset,
    engine,
    optimizer: optimizers[config.optimizer](config),
    weightDecay: config.weightDecay ?? undefined,
    clipNorm: config.clipNorm ?? undefined,
    labelSmoothing: config.labelSmoothing,
    classWeights: config.classWeights ? classWeightsOf(dataset, config.classWeights) : undefined,
    learningRate: config.learningRate,
    schedule: scheduleOf(config),
    epochs: config.epochs,
    batch: config.batch,
    augmentation: config.augmentation,
    mixup: config.mixup,
    seed: config.seed,
    patience: config.patience ?? undefined,
  };
}

/** Trains a run, from its beginning or from `state`, saving it after every epoch and when it is interrupted. */
export async function trainRun(
  run: Run,
  dataset: Dataset,
  engine: Engine,
  hooks: TrainRunHooks = {},
  state?: TrainingState,
): Promise<FitResult> {
  const options = fitOptions(run.config, dataset, engine);
  const { network } = options;
  const result = await fit({
    ...options,
    state,
    signal: hooks.signal,
    ...(hooks.onStep ? { onStep: hooks.onStep } : {}),
    async onEpoch(row, after) {
      await saveState(run, network, after, row.best);
      await hooks.onEpoch?.(row, after);
    },
  });
  if (result.reason === "interrupted") await saveState(run, network, result.state, false);
  return result;
}
