import { UserError } from "../base/errors.ts";
import { float32, sizeOf, type Tensor } from "../base/tensor.ts";
import { type Bounds, subjectOf } from "../explain/ask.ts";
import type { Question, Rows, Subject } from "../explain/subject.ts";
import { type TargetSpec, TOP, targetIndex, targetsOf } from "../explain/target.ts";
import { graphFor } from "../model/batch.ts";
import { checkClassifier } from "../model/classifier.ts";
import { type Model, PROBABILITIES } from "../model/model.ts";
import { classScores, forward } from "../model/predict.ts";
import { taskOf } from "../model/tasks/index.ts";
import type { Metric, Need } from "./metric.ts";

/** The explanation of one picture on trial, and whom a metric may ask about it. */
export interface Trial extends Pick<Subject, "model" | "inputs" | "targets" | "random" | "ask"> {
  /** Index of the class that is explained. */
  readonly target: number;
  /** `[H, W]` of the network's input; the higher, the more a pixel speaks for the class. */
  readonly map: Tensor<"float32">;
  /** `[H, W]`, 1 where the evidence is known to lie. */
  readonly mask: Uint8Array | undefined;
  /** Explains again by the same method; undefined for a map from elsewhere. */
  readonly again: Again | undefined;
}

/** Maps `[H, W]` of the same method, one for each input, with something changed. */
export type Again = (change: {
  readonly model?: Model;
  /** `[N, C, H, W]`. */
  readonly inputs?: Tensor<"float32">;
  readonly target?: number;
}) => Promise<Tensor<"float32">[]>;

export interface TrialOptions extends Bounds {
  /** The picture as the network takes it, `[1, C, H, W]`. */
  readonly inputs: Tensor<"float32">;
  readonly map: Tensor<"float32">;
  /** The class that the map explains; the most probable one unless said. */
  readonly target?: TargetSpec;
  readonly mask?: Uint8Array | undefined;
  readonly again?: Again;
  /** Of all that is drawn at random; 0 unless said. */
  readonly seed?: number;
}

/**
 * Puts a map on trial, whoever made it.
 * @throws UserError when the map or the mask does not fit the network's input, or there is no such class
 */
export async function trialOf(model: Model, options: TrialOptions): Promise<Trial> {
  checkClassifier(model, model.source);
  const { inputs, map, mask, again, seed = 0 } = options;
  const { height, width } = model.input;
  const size = `[${height}, ${width}]`;
  if (map.shape.join() !== [height, width].join())
    throw new UserError(
      `A map [${map.shape.join(", ")}] does not fit the network's input; enlarge it to ${size}.`,
    );
  if (mask && mask.length !== height * width)
    throw new UserError(
      `A mask of ${mask.length} pixels does not fit the network's input; it takes ${size}.`,
    );
  const index = targetIndex(options.target ?? "top", model.classes);
  const target = index === TOP ? await favourite(model, inputs) : index;
  const targets = targetsOf(model, (await graphFor(model, 1))!, 1, { target });
  const subject = subjectOf(model, { ...options, targets, layer: undefined, seed, method: "quality" });
  const { random, ask } = subject;
  return { model, inputs, targets, random, ask, target, map, mask, again };
}

async function favourite(model: Model, inputs: Tensor<"float32">): Promise<number> {
  const scores = classScores(model, await forward(model, inputs), 0);
  return scores.reduce((best, score) => (score.logit > best.logit ? score : best)).index;
}

/** What of a trial a metric is missing, for people; undefined where it has all that it needs. */
export function missing({ needs }: Pick<Metric, "needs">, trial: Trial): string | undefined {
  const lacking = needs.find((need) => !given[need](trial));
  return lacking && needed[lacking];
}

const given: Readonly<Record<Need, (trial: Trial) => boolean>> = {
  mask: ({ mask }) => mask?.includes(1) ?? false,
  method: ({ again }) => again !== undefined,
  probability: ({ model }) => taskOf(model).output === PROBABILITIES,
  rival: ({ model }) => model.classes.length > 1,
  weights: ({ model }) => model.layers.some(({ parameters }) => parameters.length > 0),
};

const needed: Readonly<Record<Need, string>> = {
  mask: "a mask of where the evidence lies",
  method: "the method itself, to explain again",
  probability: "a network that gives probabilities",
  rival: "another class",
  weights: "layers with weights",
};

/** Versions of the trial's picture, written when they are asked about. */
export interface Versions {
  readonly count: number;
  /** Writes the picture as the network takes it, `[C, H, W]`; `into` holds the picture as it is. */
  change(version: number, into: Float32Array): void;
}

/** Versions as rows of a question. */
export function rowsOf({ inputs }: Pick<Trial, "inputs">, { count, change }: Versions): Rows {
  return {
    count,
    picture: () => 0,
    write(row, { input }) {
      input!.set(inputs.data);
      change(row, input!);
    },
  };
}

const PROBABILITY: Question = {
  key: "probabilities",
  write: ({ g }) => ({ probabilities: g.value(PROBABILITIES) }),
};

/** The class's probability in each version. */
export async function probabilitiesOf(trial: Trial, versions: Versions): Promise<Float32Array> {
  const found = new Float32Array(versions.count);
  await trial.ask(PROBABILITY, rowsOf(trial, versions), (row, { probabilities }) => {
    found[row] = probabilities![trial.target]!;
  });
  return found;
}

export interface Extents {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: number;
}

/** Extents of the trial's picture. */
export function extentsOf({ inputs }: Pick<Trial, "inputs">): Extents {
  const [, channels, height, width] = inputs.shape as [number, number, number, number];
  return { channels, height, width, pixels: height * width };
}

/** Versions of the picture as a batch `[count, C, H, W]`. */
export function batchOf({ inputs }: Pick<Trial, "inputs">, { count, change }: Versions): Tensor<"float32"> {
  const size = sizeOf(inputs.shape);
  const all = new Float32Array(count * size);
  for (let version = 0; version < count; version++) {
    const one = all.subarray(version * size, (version + 1) * size);
    one.set(inputs.data);
    change(version, one);
  }
  return float32([count, ...inputs.shape.slice(1)], all);
}
