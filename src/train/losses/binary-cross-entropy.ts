import { float32 } from "../../base/tensor.ts";
import * as op from "../../graph/operators/index.ts";
import type { Loss } from "./loss.ts";

/**
 * Binary cross-entropy from one logit `z` and a label `y` of 0 or 1: `softplus(z) − y·z`, which equals
 * `−y log σ(z) − (1 − y) log(1 − σ(z))` and does not overflow.
 */
export const binaryCrossEntropy: Loss = {
  name: "binary cross-entropy",
  targets: (labels, _, smoothing = 0) =>
    float32(
      [labels.length, 1],
      Float32Array.from(labels, (label) => label * (1 - smoothing) + smoothing / 2),
    ),
  each: (g, logits, targets) =>
    op.reduceSum(g, op.sub(g, op.softplus(g, logits), op.mul(g, targets, logits)), [1]),
};
