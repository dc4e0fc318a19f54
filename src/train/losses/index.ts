import { binaryCrossEntropy } from "./binary-cross-entropy.ts";
import { categoricalCrossEntropy } from "./categorical-cross-entropy.ts";
import type { Loss } from "./loss.ts";

export type { Loss } from "./loss.ts";

/** The loss for a number of classes: two share one logit. */
export function lossFor(classes: number): Loss {
  return classes === 2 ? binaryCrossEntropy : categoricalCrossEntropy;
}
