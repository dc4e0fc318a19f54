import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";

/** One parameter's part in an update, all in the parameter's shape but the scalar learning rate. */
export interface Update {
  readonly parameter: Value;
  /** Gradient of the loss times the optimizer's `gradientScale`. */
  readonly gradient: Value;
  readonly slots: readonly Value[];
  readonly learningRate: Value;
  /** The step's number, from 1; a scalar. */
  readonly iteration: Value;
}

/** What may be said of an optimizer, where it has it. */
export interface OptimizerSettings {
  /** Part of the last move that is kept, 0…1. */
  readonly momentum?: number;
  /** Look ahead along the momentum. */
  readonly nesterov?: boolean;
}

/** How a gradient changes a parameter, as a graph. */
export interface Optimizer {
  readonly name: string;
  /** Names of the tensors that it keeps for each parameter; they begin as zeros. */
  readonly slots: readonly string[];
  /** A constant that the whole gradient is multiplied by where that is cheap: at its start, the loss. */
  readonly gradientScale: number;
  /** Part of the weights, times the learning rate, that each step takes off them unless told otherwise. */
  readonly weightDecay?: number;
  update(g: GraphBuilder, update: Update): { readonly parameter: Value; readonly slots: readonly Value[] };
}
