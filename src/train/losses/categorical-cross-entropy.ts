import { zeros } from "../../base/tensor.ts";
import * as op from "../../graph/operators/index.ts";
import type { Loss } from "./loss.ts";

/** Cross-entropy of one class out of several: `−log softmax(z)[y]`, from logits `[N, K]` and one-hot targets. */
export const categoricalCrossEntropy: Loss = {
  name: "categorical cross-entropy",
  targets(labels, classes, smoothing = 0) {
    const targets = zeros("float32", [labels.length, classes]);
    targets.data.fill(smoothing / classes);
    for (let row = 0; row < labels.length; row++)
      targets.data[row * classes + labels[row]!]! += 1 - smoothing;
    return targets;
  },
  each: (g, logits, targets) => op.neg(g, op.reduceSum(g, op.mul(g, op.logSoftmax(g, logits), targets), [1])),
};
