import { type Tensor, zeros } from "../base/tensor.ts";
import type { Score } from "../evaluate/score.ts";
import type { Measure } from "../evaluate/tasks/index.ts";
import { initializerTensor } from "../graph/graph.ts";
import type { Network } from "../model/model.ts";
import type { Optimizer } from "./optimizers/index.ts";
import { changing, type StepOptions, slotName } from "./step.ts";

/** One row of the record: an epoch that has ended. */
export interface EpochRow {
  /** From 1. */
  readonly epoch: number;
  /** As it went by: with augmentation and dropout, and weights that change underway, as Keras shows it. */
  readonly train: Score;
  readonly validation: Score;
  /** Whether its validation measure is the highest so far (at the same measure, its loss the lowest). */
  readonly best: boolean;
  /** Of its last step. */
  readonly learningRate: number;
  /** Time taken, validation included. */
  readonly seconds: number;
  /** Whether layers of the backbone were trained too. */
  readonly fineTuning?: true;
}

/** All that a training run needs to go on to the same bits: weights, the optimizer's memory, and where it stands. */
export interface TrainingState {
  /** Weights and optimizer slots by name. */
  readonly tensors: ReadonlyMap<string, Tensor<"float32">>;
  /** Epochs that have ended. */
  readonly epoch: number;
  /** Those of them that were the head's alone, where layers of its backbone are trained now: schedule and patience begin after them. */
  readonly after?: number;
  /** Steps done in the current epoch. */
  readonly step: number;
  /** Sums over the current epoch's pictures so far. */
  readonly running: {
    readonly loss: number;
    /** From which the measure follows. */
    readonly sums: readonly number[];
    readonly pictures: number;
  };
  readonly history: readonly EpochRow[];
}

export const nothingYet: TrainingState["running"] = { loss: 0, sums: [], pictures: 0 };

/** The state before the first step: the network's own weights, and slots of zeros. */
export function initialState(
  network: Network,
  optimizer: Optimizer,
  options: Pick<StepOptions, "layers" | "updateStatistics"> = {},
): TrainingState {
  const { parameters, statistics } = changing(network, options);
  const tensors = new Map<string, Tensor<"float32">>();
  for (const name of [...parameters, ...statistics]) {
    const weight = initializerTensor(network.graph.initializers.get(name)!) as Tensor<"float32">;
    tensors.set(name, { ...weight, data: weight.data.slice() });
  }
  for (const name of parameters)
    for (const slot of optimizer.slots)
      tensors.set(slotName(name, slot), zeros("float32", tensors.get(name)!.shape));
  return { tensors, epoch: 0, step: 0, running: nothingYet, history: [] };
}

/** The row of the best epoch so far. */
export function bestRow(history: readonly EpochRow[]): EpochRow | undefined {
  return history.findLast((row) => row.best);
}

/** How long the validation loss has not fallen. */
export function epochsSinceLowestLoss(history: readonly EpochRow[]): number {
  const losses = history.map(({ validation }) => validation.loss);
  return losses.length - 1 - losses.indexOf(Math.min(...losses));
}

/** Whether `score` beats the best so far: by the measure, then by the loss. */
export function isBetter(score: Score, best: Score | undefined, { key }: Pick<Measure, "key">): boolean {
  if (!best) return true;
  return score[key]! > best[key]! || (score[key] === best[key] && score.loss < best.loss);
}
