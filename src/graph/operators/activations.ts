import type { GraphBuilder } from "../builder.ts";
import { type Attributes, float, type Value } from "../graph.ts";

function activation(
  g: GraphBuilder,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes = {},
): Value {
  const { dtype, shape } = inputs[0]!;
  return g.node({ op, inputs, attributes, outputs: [{ dtype, shape }] })[0]!;
}

/** `x > 0 ? x : alpha (eˣ − 1)` */
export function elu(g: GraphBuilder, x: Value, alpha: number): Value {
  return activation(g, "Elu", [x], { alpha: float(alpha) });
}

/** `gamma · elu(x, alpha)` with the constants of Klambauer et al. 2017. */
export function selu(g: GraphBuilder, x: Value): Value {
  return activation(g, "Selu", [x]);
}

/** `max(0, x) + min(0, alpha (e^(x / alpha) − 1))` */
export function celu(g: GraphBuilder, x: Value, alpha: number): Value {
  return activation(g, "Celu", [x], { alpha: float(alpha) });
}

/** `clamp(alpha x + beta, 0, 1)` */
export function hardSigmoid(g: GraphBuilder, x: Value, alpha: number, beta: number): Value {
  return activation(g, "HardSigmoid", [x], { alpha: float(alpha), beta: float(beta) });
}

/** `x > alpha ? x : 0` */
export function thresholdedRelu(g: GraphBuilder, x: Value, alpha: number): Value {
  return activation(g, "ThresholdedRelu", [x], { alpha: float(alpha) });
}

/** `x > 0 ? x : slope x`; the slope broadcasts to `x`. */
export function prelu(g: GraphBuilder, x: Value, slope: Value): Value {
  return activation(g, "PRelu", [x, slope]);
}

/** `x / (1 + |x|)` */
export function softsign(g: GraphBuilder, x: Value): Value {
  return activation(g, "Softsign", [x]);
}

/** `x tanh(softplus(x))` */
export function mish(g: GraphBuilder, x: Value): Value {
  return activation(g, "Mish", [x]);
}
