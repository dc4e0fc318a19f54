import { UserError } from "../base/errors.ts";
import { float32, scalar, type Tensor } from "../base/tensor.ts";
import type { Augmentation } from "../data/augment.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Batch, batchCount, batches } from "../data/loader.ts";
import type { Engine, Program } from "../engine/engine.ts";
import { answersOf } from "../evaluate/answers.ts";
import { addTerms, measureOf, type Score, scoreOf } from "../evaluate/score.ts";
import type { Features } from "../features/features.ts";
import { graphFor } from "../model/batch.ts";
import { LOGITS, type Model, type Network } from "../model/model.ts";
import { closeModel } from "../model/programs.ts";
import { taskOf } from "../model/tasks/index.ts";
import { drawMask, type Feed, featureFeed, isPlain, pictureFeed, type StepKey } from "./feed.ts";
import { lossFor } from "./losses/index.ts";
import { drawMix, mixFeeds, mixRows } from "./mixup.ts";
import type { Optimizer } from "./optimizers/index.ts";
import { constant } from "./schedules/constant.ts";
import type { Schedule } from "./schedules/index.ts";
import {
  bestRow,
  type EpochRow,
  epochsSinceLowestLoss,
  initialState,
  isBetter,
  nothingYet,
  type TrainingState,
} from "./state.ts";
import {
  ITERATION,
  LEARNING_RATE,
  LOSS,
  next,
  PICTURE_WEIGHTS,
  type StepOptions,
  TARGETS,
  type TrainingStep,
  trainingStep,
} from "./step.ts";
import { smoothedTargets } from "./targets.ts";
import { withWeights } from "./weights.ts";

export interface FitOptions {
  readonly network: Network;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Of the data's pictures, for a network that takes these in place of pictures. */
  readonly features?: Features | undefined;
  /** Names of the layers that change, and whether their batch normalizations measure on: see `StepOptions`. */
  readonly layers?: StepOptions["layers"];
  readonly updateStatistics?: StepOptions["updateStatistics"];
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  readonly weightDecay?: StepOptions["weightDecay"];
  readonly clipNorm?: StepOptions["clipNorm"];
  /** Part of a label's certainty that is shared out among all classes, 0…1. */
  readonly labelSmoothing?: number;
  /** How much the pictures of each class count; 1 unless given. As in Keras, the mean over a batch is over their number. */
  readonly classWeights?: readonly number[] | undefined;
  /** How the learning rate changes over all epochs; it stays as it is unless given. */
  readonly schedule?: Schedule;
  /** To reach, those in `state` counted in. */
  readonly epochs: number;
  /** Pictures in a step. */
  readonly batch: number;
  readonly augmentation: Augmentation;
  /** Mix pictures, and their labels, by shares from Beta(α, α) with this α; 0 or nothing leaves them as they are. */
  readonly mixup?: number;
  readonly seed: number;
  /** Stop after this many epochs without a better validation loss. */
  readonly patience?: number | undefined;
  /** Where to go on from; the network's own weights unless given. */
  readonly state?: TrainingState | undefined;
  /** Stops after the step that is running; the state then says where. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (progress: StepProgress) => void;
  /** Called when an epoch has ended, with the state to go on from. Waited for. */
  readonly onEpoch?: (row: EpochRow, state: TrainingState) => Promise<void> | void;
}

/** Where training stands after a step. */
export interface StepProgress {
  /** The epoch that is running, from 1. */
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  /** Of this step's pictures, before it. */
  readonly loss: number;
  /** Mean over the epoch so far. */
  readonly running: Score;
  /** Pictures in this step. */
  readonly pictures: number;
}

export type StopReason = "done" | "early stopping" | "interrupted";

export interface FitResult {
  readonly state: TrainingState;
  readonly reason: StopReason;
}

/** The loss is no number any more. */
export class Diverged extends UserError {
  override readonly name: string = "Diverged";
}

/**
 * Trains a network, or some of its layers: the whole of each step is one compiled graph, and every random number comes from the seed and the
 * step's place, so that a run that was stopped anywhere goes on to the same bits.
 * @throws UserError when there are no validation pictures
 * @throws Diverged when the loss is no longer a number, saying at which step
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { dataset, epochs, batch, seed, patience, signal } = options;
  if (dataset.splits.validation.length === 0)
    throw new UserError(
      `${dataset.source} leaves no pictures to validate with; set some apart, or which epoch is best cannot be told.`,
    );
  const steps = batchCount(dataset.splits.train.length, { batch });
  const runner = new StepRunner(options);
  try {
    while (runner.epoch < epochs) {
      // Asked here, not at an epoch's end, so that a run that was killed after it had stopped does not go on.
      if (patience !== undefined && epochsSinceLowestLoss(runner.history.slice(runner.after)) >= patience)
        return { state: runner.state(), reason: "early stopping" };
      const start = performance.now();
      const order = { seed, epoch: runner.epoch };
      const stream = batches(dataset, "train", (samples) => runner.feed.load(samples), {
        batch,
        shuffle: order,
        start: runner.step,
      });
      for await (const current of stream) {
        if (signal?.aborted) return { state: runner.state(), reason: "interrupted" };
        const { loss, running } = await runner.run(current, {
          seed,
          epoch: runner.epoch,
          step: current.index,
        });
        options.onStep?.({
          epoch: runner.epoch + 1,
          step: runner.step,
          steps,
          loss,
          running,
          pictures: current.samples.length,
        });
      }
      if (signal?.aborted) return { state: runner.state(), reason: "interrupted" };
      const row = await runner.endEpoch(start);
      await options.onEpoch?.(row, runner.state());
    }
    return { state: runner.state(), reason: "done" };
  } finally {
    await runner.dispose();
  }
}

/** Runs steps and keeps what they change. */
class StepRunner {
  epoch: number;
  step: number;
  history: readonly EpochRow[];
  readonly after: number;
  #running: TrainingState["running"];
  /** Weights and slots as they are, and the memory that the next step writes them to. */
  #tensors: ReadonlyMap<string, Tensor<"float32">>;
  #spare: ReadonlyMap<string, Tensor<"float32">>;
  readonly feed: Feed;
  readonly #options: FitOptions;
  readonly #model: Model;
  readonly #programs = new Map<number, Promise<{ step: TrainingStep; program: Program }>>();

  constructor(options: FitOptions) {
    const { network, engine, optimizer, state = initialState(network, optimizer, options) } = options;
    this.feed = feedOf(options);
    this.#options = options;
    this.#model = { ...network, source: "training", engine: options.features ? forSmall(engine) : engine };
    this.epoch = state.epoch;
    this.step = state.step;
    this.history = state.history;
    this.after = state.after ?? 0;
    this.#running = state.running;
    this.#tensors = copyOf(state.tensors);
    this.#spare = copyOf(state.tensors);
  }

  /** One training step: its loss, and the epoch's running mean after it. */
  async run(batch: Batch, key: StepKey): Promise<{ readonly loss: number; readonly running: Score }> {
    const { network, mixup = 0, labelSmoothing = 0, classWeights } = this.#options;
    const { samples } = batch;
    const pictures = samples.length;
    const targets = samples.map((sample) => taskOf(network).target(sample, network));
    const learningRate = this.#learningRate(this.step);
    const { step, program } = await this.#program(pictures);
    const mix = mixup > 0 ? drawMix(mixup, pictures, key) : undefined;
    const mixed = (rows: Tensor<"float32">): Tensor<"float32"> => (mix ? mixRows(rows, mix) : rows);
    const feeds: Record<string, Tensor> = {
      ...this.feed.feeds(batch, key),
      [TARGETS]: mixed(smoothedTargets(targets, network, labelSmoothing)),
      [LEARNING_RATE]: scalar(learningRate),
      [ITERATION]: scalar(this.#done(this.step) + 1),
    };
    if (mix) Object.assign(feeds, mixFeeds(mix));
    if (classWeights) {
      const weights = samples.map(({ label }) => classWeights[label]!);
      feeds[PICTURE_WEIGHTS] = mixed(float32([pictures], weights));
    }
    for (const mask of step.masks) feeds[mask.name] = drawMask(mask, key);
    const into: Record<string, Tensor> = {};
    for (const [name, value] of this.#tensors) feeds[name] = value;
    for (const [name, value] of this.#spare) into[next(name)] = value;
    const results = await program.run(feeds, into);

    const loss = Number(results[LOSS]!.data[0]);
    if (!Number.isFinite(loss))
      throw new Diverged(
        `The loss is ${loss} at epoch ${this.epoch + 1}, step ${this.step + 1}: training has run away; go on from an earlier checkpoint or begin anew with a lower learning rate than ${this.#options.learningRate}.`,
      );
    [this.#tensors, this.#spare] = [this.#spare, this.#tensors];
    const logits = results[LOGITS]! as Tensor<"float32">;
    const columns = logits.shape[1]!;
    const { terms } = measureOf(network);
    const sums = targets
      .map((target, row) =>
        terms(
          logits.data.subarray(row * columns, (row + 1) * columns),
          // Of two the one that there is more of.
          mix && mix.shares[row]! < 0.5 ? targets[mix.partners[row]!]! : target,
        ),
      )
      .reduce(addTerms, this.#running.sums);
    this.step++;
    this.#running = {
      loss: this.#running.loss + loss * pictures,
      sums,
      pictures: this.#running.pictures + pictures,
    };
    return { loss, running: this.#mean() };
  }

  /** Validates, and begins the next epoch. */
  async endEpoch(start: number): Promise<EpochRow> {
    const { network, dataset, features } = this.#options;
    const learningRate = this.#learningRate(this.step - 1);
    const model = withWeights(this.#model, this.#tensors);
    const validation = scoreOf(await answersOf(model, dataset, "validation", { features }), network);
    await closeModel(model);
    // The last step may have spoilt the weights after its own loss was known; they are no checkpoint to keep.
    if (!Number.isFinite(validation.loss))
      throw new Diverged(
        `The validation loss is ${validation.loss} after epoch ${this.epoch + 1}: training has run away; go on from an earlier checkpoint or begin anew with a lower learning rate than ${this.#options.learningRate}.`,
      );
    const row: EpochRow = {
      epoch: this.epoch + 1,
      train: this.#mean(),
      validation,
      best: isBetter(validation, bestRow(this.history)?.validation, measureOf(network)),
      learningRate,
      seconds: (performance.now() - start) / 1000,
      ...(this.after > 0 ? { fineTuning: true } : {}),
    };
    this.history = [...this.history, row];
    this.epoch++;
    this.step = 0;
    this.#running = nothingYet;
    return row;
  }

  /** A copy of all that is needed to go on. */
  state(): TrainingState {
    const { epoch, step, history, after } = this;
    const position = { epoch, step, running: this.#running, history, ...(after > 0 ? { after } : {}) };
    return { tensors: copyOf(this.#tensors), ...position };
  }

  async dispose(): Promise<void> {
    for (const compiled of this.#programs.values()) await (await compiled).program.dispose();
  }

  /** The rate of a step of the current epoch. */
  #learningRate(step: number): number {
    const { epochs, learningRate, schedule = constant } = this.#options;
    const losses = this.history.slice(this.after).map(({ validation }) => validation.loss);
    return schedule.rate(learningRate, this.#done(step) / ((epochs - this.after) * this.#steps), losses);
  }

  /** Steps of this training before one of the current epoch. */
  #done(step: number): number {
    return (this.epoch - this.after) * this.#steps + step;
  }

  /** Steps in an epoch. */
  get #steps(): number {
    const { dataset, batch } = this.#options;
    return batchCount(dataset.splits.train.length, { batch });
  }

  #mean(): Score {
    const { loss, sums, pictures } = this.#running;
    const { key, from } = measureOf(this.#options.network);
    return { loss: loss / pictures, [key]: from(sums, pictures) };
  }

  /** The step's graph for batches of a size; an epoch's last batch may be smaller. */
  #program(batch: number): Promise<{ step: TrainingStep; program: Program }> {
    const known = this.#programs.get(batch) ?? this.#compile(batch);
    this.#programs.set(batch, known);
    return known;
  }

  async #compile(batch: number): Promise<{ step: TrainingStep; program: Program }> {
    const { network, classWeights } = this.#options;
    const { engine } = this.#model;
    const graph = await graphFor(this.#model, batch);
    if (!graph)
      throw new UserError(
        `The network takes one picture at a time, and cannot be trained on ${batch}; export it for any number of them.`,
      );
    const step = trainingStep(
      { ...network, graph },
      {
        ...this.#options,
        loss: lossFor(network.classes.length, network.task),
        batch,
        weighted: classWeights !== undefined,
        block: await engine.channelBlock(),
      },
    );
    return {
      step,
      program: await engine.compile(this.feed.taken(step.graph, batch)),
    };
  }
}

/** The engine, told of every program that its steps are small. */
const forSmall = (engine: Engine): Engine => ({
  ...engine,
  compile: (graph, options) => engine.compile(graph, { ...options, small: true }),
});

function feedOf({ network, dataset, features, augmentation, mixup = 0 }: FitOptions): Feed {
  if (!features) return pictureFeed(network.input, dataset, augmentation, mixup > 0);
  if (!isPlain(augmentation) || mixup > 0)
    throw new UserError(
      "Augmentation and mixup change pictures, whose features are computed already; leave out the one or the other.",
    );
  return featureFeed(network.input, features);
}

function copyOf(tensors: ReadonlyMap<string, Tensor<"float32">>): Map<string, Tensor<"float32">> {
  return new Map(
    [...tensors].map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data: data.slice() }]),
  );
}
