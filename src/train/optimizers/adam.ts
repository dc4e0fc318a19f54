import { scalar } from "../../base/tensor.ts";
import * as op from "../../graph/operators/index.ts";
import type { Optimizer } from "./optimizer.ts";

export interface AdamOptions {
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the mean of their squares. */
  readonly beta2?: number;
  readonly epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015, in the form at the end of their section 2): `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
 * `p ← p − α m / (√v + ε)` with `α = lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ)` in step t. ε is that of Keras; PyTorch divides √v by √(1 − β₂ᵗ) before it
 * adds ε.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamOptions = {}): Optimizer {
  return {
    name: "adam",
    slots: ["momentum", "velocity"],
    gradientScale: 1,
    update(g, { parameter, gradient, slots, learningRate, iteration }) {
      const constant = (value: number) => g.constant(scalar(value));
      const mean = (before: typeof gradient, now: typeof gradient, beta: number) =>
        op.add(g, op.mul(g, before, constant(beta)), op.mul(g, now, constant(1 - beta)));
      const unbiased = (beta: number) => op.sub(g, constant(1), op.pow(g, constant(beta), iteration));
      const momentum = mean(slots[0]!, gradient, beta1);
      const velocity = mean(slots[1]!, op.mul(g, gradient, gradient), beta2);
      const rate = op.mul(g, learningRate, op.div(g, op.sqrt(g, unbiased(beta2)), unbiased(beta1)));
      const root = op.add(g, op.sqrt(g, velocity), constant(epsilon));
      return {
        parameter: op.sub(g, parameter, op.mul(g, op.div(g, momentum, root), rate)),
        slots: [momentum, velocity],
      };
    },
  };
}
