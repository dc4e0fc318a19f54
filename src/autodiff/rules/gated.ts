import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { gate, number, pointwise, scale } from "../pointwise.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** The derivative of an activation at `x`. */
type Slope = (g: GraphBuilder, x: Value) => Value;

/** `x σ(α x)`: `s + α x s (1 − s)`, `s = σ(α x)`. */
const swish =
  (alpha: number): Slope =>
  (g, x) => {
    const inner = scale(g, x, alpha);
    const s = op.sigmoid(g, inner);
    return op.mul(g, s, op.add(g, number(g, 1), op.mul(g, inner, op.sub(g, number(g, 1), s))));
  };

/** `x Φ(x)`, with the normal distribution: `Φ(x) + x φ(x)` (Hendrycks and Gimpel 2016). */
const gelu: Slope = (g, x) => {
  const probability = scale(g, op.add(g, op.erf(g, scale(g, x, Math.SQRT1_2)), number(g, 1)), 0.5);
  const density = scale(g, op.exp(g, scale(g, op.mul(g, x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return op.add(g, probability, op.mul(g, x, density));
};

/** `x/2 (1 + t)`, `t = tanh(√(2/π) (x + c x³))`: `(1 + t)/2 + x/2 (1 − t²) √(2/π) (1 + 3 c x²)`. */
const tanhGelu: Slope = (g, x) => {
  const [factor, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = op.mul(g, x, x);
  const inner = op.mul(g, x, op.add(g, scale(g, square, factor * cubic), number(g, factor)));
  const t = op.tanh(g, inner);
  const rise = op.add(g, scale(g, square, 3 * factor * cubic), number(g, factor));
  const moving = op.mul(g, op.mul(g, x, rise), op.sub(g, number(g, 1), op.mul(g, t, t)));
  return scale(g, op.add(g, op.add(g, t, number(g, 1)), moving), 0.5);
};

/** `x t`, `t = tanh(softplus(x))`: `t + x (1 − t²) σ(x)` (Misra 2019). */
const mish: Slope = (g, x) => {
  const t = op.tanh(g, op.softplus(g, x));
  const moving = op.mul(g, op.mul(g, x, op.sigmoid(g, x)), op.sub(g, number(g, 1), op.mul(g, t, t)));
  return op.add(g, t, moving);
};

/** `f(x)`, or `f(x + bias)` with a vector along the last axis. */
const biased =
  (slope: Slope): Rule =>
  ({ g, inputs, gradients, needs }) => {
    const [x, bias] = inputs as [Value, Value | undefined];
    const dx = op.mul(g, gradients[0]!, slope(g, bias ? op.add(g, x, bias) : x));
    return [dx, bias && needs[1] ? unbroadcast(g, dx, bias) : undefined];
  };

const plain = (slope: Slope): Rule => pointwise((g, dy, x) => op.mul(g, dy, slope(g, x)));

/** Activations that multiply `x` by a gate that `x` opens. */
export const gated: Ruleset = {
  Gelu: (context) =>
    plain(attribute(context.node, "approximate", "none") === "tanh" ? tanhGelu : gelu)(context),
  // x · clip(x/6 + 1/2, 0, 1): 0 up to −3, 1 from 3 on, x/3 + 1/2 between.
  HardSwish: pointwise((g, dy, x) => {
    const between = op.add(g, scale(g, x, 1 / 3), number(g, 0.5));
    const above = op.where(g, op.less(g, x, number(g, 3)), between, number(g, 1));
    return gate(g, op.mul(g, dy, above), op.greater(g, x, number(g, -3)));
  }),
  Mish: plain(mish),
  Swish: (context) => plain(swish(attribute(context.node, "alpha", 1)))(context),
  "com.microsoft.BiasGelu": biased(gelu),
  "com.microsoft.FastGelu": biased(tanhGelu),
  "com.microsoft.Gelu": plain(gelu),
  "com.microsoft.QuickGelu": (context) => plain(swish(attribute(context.node, "alpha", 1.702)))(context),
};
