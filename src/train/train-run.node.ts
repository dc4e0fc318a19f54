import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import type { Features } from "../features/features.ts";
import { smallConvnet } from "../model/architectures/small-convnet.ts";
import type { Model, Network } from "../model/model.ts";
import type { Transfer } from "../model/transfer.ts";
import { withHead } from "./backbone.node.ts";
import { classWeightsOf } from "./class-weights.ts";
import { defaultConfig, type RunConfig } from "./config.ts";
import { type FitOptions, type FitResult, fit } from "./fit.ts";
import { lossFor } from "./losses/index.ts";
import { type LearntFrom, measuredOn } from "./measured-on.ts";
import { optimizers } from "./optimizers/index.ts";
import { type Run, readBest, saveState } from "./run.node.ts";
import { type Schedule, schedules } from "./schedules/index.ts";
import { initialState, nothingYet, type TrainingState } from "./state.ts";
import { trainingStep } from "./step.ts";
import { unfrozenLayers } from "./unfreeze.ts";
import { warmUp } from "./warm-up.ts";
import { withWeights } from "./weights.ts";

/** What may be watched and stopped from outside. */
export interface TrainRunHooks extends Pick<FitOptions, "signal" | "onStep" | "onEpoch"> {
  /** Called before the steps of each stage. */
  readonly onStage?: (stage: Stage) => void;
}

/** A part of a run in which the same layers are trained. */
export interface Stage {
  /** Epochs to reach, those before it counted in. */
  readonly epochs: number;
  /** Names of the backbone's layers that are trained; undefined where the network has none, or they all stay as they are. */
  readonly unfrozen: readonly string[] | undefined;
  readonly learningRate: number;
}

/** What a run trains, and on what. */
export interface Material {
  readonly network: Network;
  /** With a backbone: how the network was put together. */
  readonly transfer?: Transfer | undefined;
  readonly dataset: Dataset;
  /** What the head takes of each picture, where that does not change. */
  readonly features?: Features | undefined;
}

/** The run's network with its initial weights, and how it was put together on the backbone that it builds on. */
export function networkOf(
  config: RunConfig,
  dataset: LearntFrom,
  backbone?: Model,
): Pick<Material, "network" | "transfer"> {
  if (backbone && config.backbone) {
    const made = withHead(backbone, config.backbone, config, dataset);
    return { network: made.network, transfer: made };
  }
  const { task, classes } = dataset;
  const { size, filters, units, dropout, seed } = config;
  const options = { task, classes, size: size ?? defaultConfig.size, filters, units, dropout, seed };
  return { network: measuredOn(smallConvnet(options), dataset) };
}

/** Training of a run's network as a whole, or of the head on its backbone. */
export function fitOptions(config: RunConfig, material: Material, engine: Engine): FitOptions {
  const { network, transfer, features } = material;
  const options = { ...commonOptions(config, material, engine), schedule: scheduleOf(config) };
  if (!transfer) return { ...options, network };
  if (features) return { ...options, network: transfer.head, features };
  return { ...options, network, layers: transfer.head.layers.map(({ name }) => name) };
}

/**
 * Training of a backbone's unfrozen layers with the head.
 * @throws UserError when one of them has no weights to train
 */
function fineTuneOptions(
  config: RunConfig,
  material: Material,
  engine: Engine,
  after: number,
): FitOptions | undefined {
  const { network, transfer } = material;
  if (!transfer || !config.backbone || config.backbone.unfreeze.length === 0) return undefined;
  const { unfreeze, fineTuneEpochs, fineTuneRate, updateStatistics } = config.backbone;
  const layers = [...unfrozenLayers(transfer, unfreeze), ...transfer.head.layers];
  return {
    ...commonOptions(config, material, engine),
    network,
    layers: layers.map(({ name }) => name),
    updateStatistics,
    learningRate: fineTuneRate,
    schedule: schedules[config.schedule],
    epochs: after + fineTuneEpochs,
  };
}

/**
 * Finds out before any long work whether the layers that are to be fine-tuned can be.
 * @throws UserError when one has no weights to train, or no gradient reaches it, naming the operator
 */
export function checkFineTuning(config: RunConfig, material: Material, engine: Engine): void {
  const options = fineTuneOptions(config, material, engine, 0);
  const { network } = material;
  if (options)
    trainingStep(options.network, {
      ...options,
      loss: lossFor(network.classes.length, network.task),
      batch: 1,
    });
}

function commonOptions(config: RunConfig, { dataset }: Material, engine: Engine) {
  return {
    dataset,
    engine,
    optimizer: optimizers[config.optimizer](config),
    weightDecay: config.weightDecay ?? undefined,
    clipNorm: config.clipNorm ?? undefined,
    labelSmoothing: config.labelSmoothing,
    classWeights: config.classWeights ? classWeightsOf(dataset, config.classWeights) : undefined,
    learningRate: config.learningRate,
    epochs: config.epochs,
    batch: config.batch,
    augmentation: config.augmentation,
    mixup: config.mixup,
    seed: config.seed,
    patience: config.patience ?? undefined,
  };
}

function scheduleOf({ schedule, warmUp: epochs, ...config }: RunConfig): Schedule {
  return epochs > 0 ? warmUp(schedules[schedule], epochs / config.epochs) : schedules[schedule];
}

/**
 * Trains a run, from its beginning or from `state`, saving it after every epoch and when it is interrupted. Where layers of its backbone
 * are unfrozen, they are trained when the head has settled, from the head's best epoch on.
 */
export async function trainRun(
  run: Run,
  material: Material,
  engine: Engine,
  hooks: TrainRunHooks = {},
  state?: TrainingState,
): Promise<FitResult> {
  const { config } = run;
  const { network, transfer } = material;
  const stage = async (options: FitOptions, from: TrainingState | undefined): Promise<FitResult> => {
    const { epochs, learningRate, layers } = options;
    const head = new Set(transfer?.head.layers.map(({ name }) => name));
    const unfrozen = layers?.filter((name) => !head.has(name));
    hooks.onStage?.({ epochs, learningRate, unfrozen: unfrozen?.length ? unfrozen : undefined });
    const result = await fit({
      ...options,
      state: from,
      signal: hooks.signal,
      ...(hooks.onStep ? { onStep: hooks.onStep } : {}),
      async onEpoch(row, reached) {
        await saveState(run, network, reached, row.best);
        await hooks.onEpoch?.(row, reached);
      },
    });
    if (result.reason === "interrupted") await saveState(run, network, result.state, false);
    return result;
  };

  const fineTuning = state?.after !== undefined;
  const settled: FitResult = fineTuning
    ? { state, reason: "done" }
    : await stage(fitOptions(config, material, engine), state);
  const after = state?.after ?? settled.state.epoch;
  const options = fineTuneOptions(config, material, engine, after);
  if (settled.reason === "interrupted" || !options) return settled;
  if (fineTuning) return stage(options, state);
  const best = withWeights(network, (await readBest(run)).tensors);
  const { tensors } = initialState(best, options.optimizer, options);
  const begun = { ...settled.state, tensors, step: 0, running: nothingYet, after };
  // From here on the best may be one of fine-tuning, which must not begin with that again.
  await saveState(run, network, begun, false);
  return stage(options, begun);
}
