import { UserError } from "../base/errors.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { Network } from "../model/model.ts";
import { taskOf } from "../model/tasks/index.ts";
import { lossFor } from "./losses/index.ts";

/** What is learnt, and the names of what it speaks of: a network or a data set. */
type Learnt = Pick<Network, "task" | "classes">;

/** @throws UserError when labels are to be smoothed, and there are none */
export function checkSmoothing({ task, classes }: Learnt, smoothing: number): void {
  const { name, summary } = taskOf({ task });
  if (smoothing > 0 && !lossFor(classes.length, task).outcomes)
    throw new UserError(
      `Labels are smoothed; what is learnt here is ${summary} (${name}), so leave label smoothing at 0.`,
    );
}

/**
 * Rows to aim for as the step takes them, `[N, columns]`, their certainty shared out in part among all outcomes.
 * @param smoothing that part, 0…1
 * @throws UserError when it is above 0 and there are no labels to smooth
 */
export function smoothedTargets(
  rows: readonly (readonly number[])[],
  learnt: Learnt,
  smoothing: number,
): Tensor<"float32"> {
  checkSmoothing(learnt, smoothing);
  const { outcomes } = lossFor(learnt.classes.length, learnt.task);
  const columns = rows[0]!.length;
  const share = outcomes ? smoothing / outcomes(columns) : 0;
  return float32(
    [rows.length, columns],
    rows.flatMap((row) => row.map((certainty) => certainty * (1 - smoothing) + share)),
  );
}
