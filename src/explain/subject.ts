import type { Random } from "../base/random.ts";
import type { Tensor } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import type { Layer, Model } from "../model/model.ts";
import type { GraphContext } from "./method.ts";
import type { Target } from "./target.ts";

/** Pictures under explanation, and the network to be asked about them. */
export interface Subject {
  readonly model: Model;
  /** N pictures as the network takes them, `[N, C, H, W]`. */
  readonly inputs: Tensor<"float32">;
  /** What is explained in each picture. */
  readonly targets: readonly Target[];
  /** Where it is explained at. Only for methods at a layer. */
  readonly layer: Layer;
  /**
   * Random numbers of a place in the method, `random("noise", sample)`. The picture is no part of it: all are given the same, so that a
   * batch equals its singles.
   */
  random(...place: (string | number)[]): Random;
  /**
   * Asks the network about rows, a bounded number at a time, in order. Each row goes to `take` as views that hold only during that call.
   * @returns the shape of each answer to a row
   */
  ask(question: Question, rows: Rows, take: Take): Promise<Shapes>;
  /** The same pictures and targets, to ask another network of the same layers about them. */
  of(model: Model): Subject;
}

/** A graph that is derived from the network to answer something about a row. */
export interface Question {
  /** Tells it from all others about the model; target value and layer aside. */
  readonly key: string;
  /** How often it runs the network forward for a row, for the count of passes; once unless given. */
  readonly forward?: number;
  /** Puts something else in the place of the picture, or of an activation; what only that depended on is not run. */
  readonly instead?: Replacement;
  /** Writes the outputs, by name, each `[N, …]`. Inputs of its own it declares by `own`, each `[N, …]` float32. */
  write(context: GraphContext): Readonly<Record<string, Value>>;
}

export interface Replacement {
  /** Name of the value that is replaced. A row has `input` then where something else still reads the picture. */
  readonly value: string;
  /** Writes what stands there, in the value's `shape`. Inputs of its own it declares by `own`, each `[N, …]` float32. */
  write(g: GraphBuilder, shape: readonly number[]): Value;
}

/** What the network is asked about. */
export interface Rows {
  readonly count: number;
  /** Of a method that asks step by step, how many rows came before these, and how many come in all: for its progress. */
  readonly part?: { readonly before: number; readonly of: number };
  /** The picture that a row belongs to, whose target is explained. */
  picture(row: number): number;
  /** Writes all of a row's inputs: `input`, what the network takes `[C, H, W]`, and those that the question declares, by name. */
  write(row: number, into: Readonly<Record<string, Float32Array>>): void;
}

/** Shapes by the names of answers. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

export type Take = (row: number, results: Readonly<Record<string, Float32Array>>) => void;
