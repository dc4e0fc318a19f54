import { scalar } from "../../base/tensor.ts";
import * as op from "../../graph/operators/index.ts";
import type { Optimizer } from "./optimizer.ts";

export interface RmspropOptions {
  /** Decay of the mean square. */
  readonly rho?: number;
  readonly epsilon?: number;
}

/**
 * RMSprop (Tieleman and Hinton 2012): `v ← ρ v + (1 − ρ) g²`, `p ← p − lr · g / (√v + ε)`, with ε outside the root, as
 * PyTorch and the Keras of the notebook have it. Keras 3 moved it inside, where 1e-7 is no longer small: the many weights
 * whose gradients are below √1e-7 then hardly move.
 */
export function rmsprop({ rho = 0.9, epsilon = 1e-7 }: RmspropOptions = {}): Optimizer {
  // With h = √(1 − ρ) g the mean square is ρ v + h²: one pass over memory fewer on every weight.
  const gradientScale = Math.sqrt(1 - rho);
  return {
    name: "rmsprop",
    slots: ["velocity"],
    gradientScale,
    update(g, { parameter, gradient: h, slots, learningRate }) {
      const constant = (value: number) => g.constant(scalar(value));
      const rate = op.mul(g, learningRate, constant(1 / gradientScale));
      const velocity = op.add(g, op.mul(g, slots[0]!, constant(rho)), op.mul(g, h, h));
      const root = op.add(g, op.sqrt(g, velocity), constant(epsilon));
      return {
        parameter: op.sub(g, parameter, op.mul(g, op.div(g, h, root), rate)),
        slots: [velocity],
      };
    },
  };
}
