import type { Framing } from "../base/framing.ts";
import type { Engine } from "../engine/engine.ts";
import type { Graph } from "../graph/graph.ts";
import type { Preprocessing } from "./preprocessing.ts";
import type { TaskName } from "./tasks/index.ts";

/** What a network takes: a float32 tensor `[N, C, H, W]`, and how pictures become one. */
export interface InputSpec extends Framing {
  /** Name of the graph's input. */
  readonly name: string;
  /** 3, or 1 for networks that see grey. */
  readonly channels: number;
  /** Undefined where nobody said: then it can be fed tensors alone. */
  readonly preprocessing?: Preprocessing;
}

/** A layer as people name it: a few nodes of the graph, and the activation that comes out of them. */
export interface Layer {
  /** Such as `conv2d_1`. */
  readonly name: string;
  /** The layer's kind in Keras's words, such as `Conv2D`. */
  readonly type: string;
  /** The value that holds its activation, after the nonlinearity: `[N, C, H, W]` or `[N, features]`. */
  readonly output: string;
  /** Names of its weights. */
  readonly parameters: readonly string[];
  /** Names of what it measured of the training data, a batch normalization's mean and variance; no step changes them. */
  readonly statistics?: readonly string[];
}

/** A network as data: what is stored in a file. */
export interface Network {
  /**
   * From the input to `logits` (`[N, 1]` for two classes, the score of the second; `[N, K]` for more, and for labels) and
   * `probabilities` (`[N, K]`); for regression to `logits` and `value`, both `[N, 1]`. `N` is free.
   */
  readonly graph: Graph;
  /**
   * Of a network from elsewhere, whose `graph` has its shapes for one picture: the same with free shapes, from which it is found
   * for other batches.
   */
  readonly general?: Graph;
  readonly input: InputSpec;
  /** What it says of a picture; which one of the classes it is of unless given. */
  readonly task?: TaskName;
  /** Names of the classes in order, of the labels, or of the value. */
  readonly classes: readonly string[];
  /** Of a network from elsewhere whose scores nobody chose: the output that was taken for them, and those that could be as well. */
  readonly guessed?: { readonly output: string; readonly others: readonly string[] };
  /** In running order. */
  readonly layers: readonly Layer[];
}

/** A network with the engine that runs it. */
export interface Model extends Network {
  /** What to call it in messages: the file or run folder. */
  readonly source: string;
  readonly engine: Engine;
}

/** Names of the graph's outputs. */
export const LOGITS = "logits";
export const PROBABILITIES = "probabilities";

/** Names of the input and outputs that an explanation adds. */
export const TARGET = "target";
export const RAW = "raw";
export const HEATMAP = "heatmap";

/** Names of the input and output of a network that is exported with its preprocessing. */
export const PHOTO = "photo";
export const LABEL = "label";

/** The free extent of the batch. */
export const BATCH = "N";
