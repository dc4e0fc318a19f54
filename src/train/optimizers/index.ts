import { adam } from "./adam.ts";
import { adamw } from "./adamw.ts";
import type { Optimizer, OptimizerSettings } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

export type { Optimizer, OptimizerSettings } from "./optimizer.ts";

export type OptimizerName = "rmsprop" | "sgd" | "adam" | "adamw";

/** Optimizers by the name that the command line takes. */
export const optimizers: Readonly<Record<OptimizerName, (settings?: OptimizerSettings) => Optimizer>> = {
  rmsprop: () => rmsprop(),
  sgd,
  adam: () => adam(),
  adamw,
};
