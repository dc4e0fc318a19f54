import * as op from "../../graph/operators/index.ts";
import type { Loss } from "./loss.ts";

/** Squared error, `(z − y)²`, of values that both stand in standard deviations. */
export const meanSquaredError: Loss = {
  name: "mean squared error",
  each(g, logits, targets) {
    const error = op.sub(g, logits, targets);
    return op.reduceMean(g, op.mul(g, error, error), [1]);
  },
};
