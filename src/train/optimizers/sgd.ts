import { scalar } from "../../base/tensor.ts";
import * as op from "../../graph/operators/index.ts";
import type { Optimizer, OptimizerSettings } from "./optimizer.ts";

/**
 * Stochastic gradient descent: `p ← p − lr · g`; with momentum μ `m ← μ m − lr · g`, `p ← p + m`, or, as Nesterov has it,
 * `p ← p + μ m − lr · g` (Sutskever et al. 2013, with the weights taken at the place that is looked ahead to). As in Keras the rate is part of
 * what is kept, which PyTorch keeps without: the two part where the rate changes.
 */
export function sgd({ momentum = 0, nesterov = false }: OptimizerSettings = {}): Optimizer {
  return {
    name: "sgd",
    slots: momentum > 0 ? ["momentum"] : [],
    gradientScale: 1,
    update(g, { parameter, gradient, slots: [before], learningRate }) {
      const change = op.mul(g, gradient, learningRate);
      if (!before) return { parameter: op.sub(g, parameter, change), slots: [] };
      const kept = (value: typeof before) => op.mul(g, value, g.constant(scalar(momentum)));
      const after = op.sub(g, kept(before), change);
      const move = nesterov ? op.sub(g, kept(after), change) : after;
      return { parameter: op.add(g, parameter, move), slots: [after] };
    },
  };
}
