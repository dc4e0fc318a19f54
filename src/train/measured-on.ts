import type { Dataset } from "../data/dataset.ts";
import type { Network } from "../model/model.ts";
import { taskOf } from "../model/tasks/index.ts";

/** What a network has to know of the pictures that it is to learn from, before it is made. */
export type LearntFrom = Pick<Dataset, "task" | "classes" | "splits">;

/** The network with what its task measures of the training pictures. */
export function measuredOn<N extends Network>(network: N, { splits }: LearntFrom): N {
  return taskOf(network).measured(network, splits.train);
}
