import * as op from "../../graph/operators/index.ts";
import type { Loss } from "./loss.ts";

/** Cross-entropy of one class out of several: `−log softmax(z)[y]`, from logits `[N, K]` and one-hot targets. */
export const categoricalCrossEntropy: Loss = {
  name: "categorical cross-entropy",
  each: (g, logits, targets) => op.neg(g, op.reduceSum(g, op.mul(g, op.logSoftmax(g, logits), targets), [1])),
  outcomes: (columns) => columns,
};
