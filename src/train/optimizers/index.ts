import type { Optimizer } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

export type { Optimizer } from "./optimizer.ts";

export type OptimizerName = "rmsprop" | "sgd";

/** Optimizers by the name that the command line takes. */
export const optimizers: Readonly<Record<OptimizerName, () => Optimizer>> = { rmsprop, sgd };
