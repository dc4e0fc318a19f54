import { UserError } from "../base/errors.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { Network } from "../model/model.ts";
import { taskOf } from "../model/tasks/index.ts";
import { lossFor } from "./losses/index.ts";

/**
 * Rows to aim for as the step takes them, `[N, columns]`, their certainty shared out in part among all outcomes.
 * @param smoothing that part, 0…1
 * @throws UserError when it is above 0 and there are no labels to smooth
 */
export function smoothedTargets(
  rows: readonly (readonly number[])[],
  network: Pick<Network, "task" | "classes">,
  smoothing: number,
): Tensor<"float32"> {
  const { outcomes } = lossFor(network.classes.length, network.task);
  const { name, summary } = taskOf(network);
  if (smoothing > 0 && !outcomes)
    throw new UserError(
      `Labels are smoothed; what is learnt here is ${summary} (${name}), so leave label smoothing at 0.`,
    );
  const columns = rows[0]!.length;
  const share = outcomes ? smoothing / outcomes(columns) : 0;
  return float32(
    [rows.length, columns],
    rows.flatMap((row) => row.map((certainty) => certainty * (1 - smoothing) + share)),
  );
}
