import * as op from "../../graph/operators/index.ts";
import type { Optimizer } from "./optimizer.ts";

/** Plain stochastic gradient descent: `p ← p − lr · g`. */
export function sgd(): Optimizer {
  return {
    name: "sgd",
    slots: [],
    gradientScale: 1,
    update: (g, { parameter, gradient, learningRate }) => ({
      parameter: op.sub(g, parameter, op.mul(g, gradient, learningRate)),
      slots: [],
    }),
  };
}
