import type { GraphBuilder } from "../builder.ts";
import { float, type Value } from "../graph.ts";

/** `scale · (x − mean) / √(variance + epsilon) + bias` with a value of each for every channel of `x [N, C, …]`. */
export function batchNormalization(
  g: GraphBuilder,
  x: Value,
  parameters: {
    readonly scale: Value;
    readonly bias: Value;
    readonly mean: Value;
    readonly variance: Value;
  },
  epsilon: number,
): Value {
  const { scale, bias, mean, variance } = parameters;
  return g.node({
    op: "BatchNormalization",
    inputs: [x, scale, bias, mean, variance],
    attributes: { epsilon: float(epsilon) },
    outputs: [{ dtype: x.dtype, shape: x.shape }],
  })[0]!;
}
