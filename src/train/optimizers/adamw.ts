import { adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";

/** Adam with weights that decay apart from their gradients (Loshchilov and Hutter 2019), by Keras's 0.004 unless said. */
export function adamw(): Optimizer {
  return { ...adam(), name: "adamw", weightDecay: 0.004 };
}
