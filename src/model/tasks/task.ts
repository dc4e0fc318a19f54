import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Network } from "../model.ts";
import type { ClassScore } from "../predict.ts";

/** What is true of a picture. */
export interface Truth {
  /** Index of its class; −1 where `values` say what there is to say. */
  readonly label: number;
  /** In tasks other than to tell one class: a number for each class, 0 or 1 for a label, or the value. */
  readonly values?: readonly number[];
}

/** As files and the command line have them. */
export type TaskName = "single-label" | "multi-label" | "regression";

/** What a network is to say of a picture. What follows from it in a room is in that room's `tasks/`, under the same name. */
export interface Task {
  readonly name: TaskName;
  /** One line for people. */
  readonly summary: string;
  /** What its classes are called, one and more of them. */
  readonly noun: readonly [one: string, many: string];
  /** Fewest classes that there may be. */
  readonly fewest: number;
  /** Numbers in a row of logits for so many classes. */
  columns(classes: number): number;
  /** What the network's output beside its logits is called. */
  readonly output: string;
  /** Writes that output, a number for each class: from logits `[N, columns]` to `[N, K]`. */
  ending(g: GraphBuilder, logits: Value): Value;
  /** What such a number is. */
  reading(number: number): Pick<ClassScore, "probability" | "value">;
  /** The network with what it has to know of the pictures that it is trained on. */
  measured<N extends Network>(network: N, truths: readonly Truth[]): N;
  /** The row of numbers by which a picture's logits are judged: `[columns]`. */
  target(truth: Truth, network: Pick<Network, "classes" | "graph">): number[];
}
