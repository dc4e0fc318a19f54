import * as op from "../../graph/operators/index.ts";
import type { Loss } from "./loss.ts";

/**
 * Binary cross-entropy from logits `z` and labels `y` of 0 or 1: `softplus(z) − y·z`, which equals
 * `−y log σ(z) − (1 − y) log(1 − σ(z))` and does not overflow. Of several in a row it is the mean, as in Keras.
 */
export const binaryCrossEntropy: Loss = {
  name: "binary cross-entropy",
  each: (g, logits, targets) =>
    op.reduceMean(g, op.sub(g, op.softplus(g, logits), op.mul(g, targets, logits)), [1]),
  outcomes: () => 2,
};
