import { type TaskName, taskOf } from "../../model/tasks/index.ts";
import { binaryCrossEntropy } from "./binary-cross-entropy.ts";
import { categoricalCrossEntropy } from "./categorical-cross-entropy.ts";
import type { Loss } from "./loss.ts";
import { meanSquaredError } from "./mean-squared-error.ts";

export type { Loss } from "./loss.ts";

const losses: Readonly<Record<TaskName, (classes: number) => Loss>> = {
  "single-label": (classes) => (classes === 2 ? binaryCrossEntropy : categoricalCrossEntropy),
  "multi-label": () => binaryCrossEntropy,
  regression: () => meanSquaredError,
};

/** The loss for a number of classes; to tell which of them a picture is of unless the task is another. */
export function lossFor(classes: number, task?: TaskName): Loss {
  return losses[taskOf({ task }).name](classes);
}
