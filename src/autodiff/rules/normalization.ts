import { UserError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { alongAxis, axisMap, transposed } from "../axis-map.ts";
import { unbroadcast } from "../broadcast.ts";
import { number, scale as times } from "../pointwise.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";

/** A per-channel vector `[C]` as `[C, 1, …]`, so that it broadcasts over `[N, C, …]`. */
const perChannel = (g: GraphBuilder, vector: Value, rank: number): Value =>
  op.reshape(g, vector, [...staticShape(vector), ...Array.from({ length: rank - 2 }, () => 1)]);

/**
 * `y = (x − mean) / √(var + ε) · scale + bias` with stored statistics. All five inputs have a gradient, the statistics too:
 * networks that fine-tune their batch norms or explain by their biases ask for them.
 */
const batchNormalization: Rule = ({ g, node, inputs, gradients, needs }) => {
  if (attribute(node, "training_mode", 0))
    throw new UserError(
      `BatchNormalization (node "${node.name}") is in training mode; export the model for inference.`,
    );
  const [x, scale, bias, mean, variance] = inputs as [Value, Value, Value, Value, Value];
  const dy = gradients[0]!;
  const rank = staticShape(x).length;
  const wide = (vector: Value): Value => perChannel(g, vector, rank);
  const back = (gradient: Value, vector: Value): Value =>
    op.reshape(g, unbroadcast(g, gradient, wide(vector)), staticShape(vector));
  const stable = op.add(g, variance, number(g, attribute(node, "epsilon", 1e-5)));
  const inverse = wide(op.reciprocal(g, op.sqrt(g, stable)));
  const slope = op.mul(g, wide(scale), inverse);
  const normalized = (): Value => op.mul(g, op.sub(g, x, wide(mean)), inverse);
  const byVariance = (): Value => {
    const total = back(op.mul(g, op.mul(g, dy, slope), normalized()), variance);
    return times(g, op.mul(g, total, op.reshape(g, inverse, staticShape(variance))), -0.5);
  };
  return [
    needs[0] ? op.mul(g, dy, slope) : undefined,
    needs[1] ? back(op.mul(g, dy, normalized()), scale) : undefined,
    needs[2] ? back(dy, bias) : undefined,
    needs[3] ? op.neg(g, back(op.mul(g, dy, slope), mean)) : undefined,
    needs[4] ? byVariance() : undefined,
  ];
};

/**
 * `y = x̂ · scale + bias`, `x̂` being `x` at mean 0 and variance 1 over `axes`. With `δ = dy · scale`:
 * `dx = (δ − mean δ − x̂ mean(δ x̂)) / √(var + ε)`. `spread` brings scale and bias to where they broadcast over `x`.
 */
function normalization(
  { g, node, inputs, gradients, needs }: RuleContext,
  axes: readonly number[],
  spread: (vector: Value) => Value,
): readonly (Value | undefined)[] {
  const [x, scale, bias] = inputs as [Value, Value, Value | undefined];
  const dy = gradients[0]!;
  const back = (gradient: Value, vector: Value): Value =>
    op.reshape(g, unbroadcast(g, gradient, spread(vector)), staticShape(vector));
  const mean = (value: Value): Value => op.reduceMean(g, value, axes, true);
  const centered = op.sub(g, x, mean(x));
  const variance = mean(op.mul(g, centered, centered));
  const deviation = op.sqrt(g, op.add(g, variance, number(g, attribute(node, "epsilon", 1e-5))));
  const normalized = op.div(g, centered, deviation);
  const byInput = (): Value => {
    const delta = op.mul(g, dy, spread(scale));
    const along = op.mul(g, normalized, mean(op.mul(g, delta, normalized)));
    return op.div(g, op.sub(g, op.sub(g, delta, mean(delta)), along), deviation);
  };
  return [
    needs[0] ? byInput() : undefined,
    needs[1] ? back(op.mul(g, dy, normalized), scale) : undefined,
    bias && needs[2] ? back(dy, bias) : undefined,
  ];
}

const layerNormalization: Rule = (context) => {
  const rank = staticShape(context.inputs[0]!).length;
  const [first] = op.positiveAxes([attribute(context.node, "axis", -1)], rank) as [number];
  const axes = Array.from({ length: rank - first }, (_, at) => first + at);
  return normalization(context, axes, (vector) => vector);
};

const instanceNormalization: Rule = (context) => {
  const rank = staticShape(context.inputs[0]!).length;
  const axes = Array.from({ length: rank - 2 }, (_, at) => at + 2);
  return normalization(context, axes, (vector) => perChannel(context.g, vector, rank));
};

/**
 * `y = x s^(−β)`, `s = k + α/n Σ x²` over `n` neighbouring channels (Krizhevsky et al. 2012):
 * `dx = dy s^(−β) − 2αβ/n x Σ dy x s^(−β−1)`, the sum over the channels whose neighbour this one is.
 */
const localResponse: Rule = ({ g, node, inputs, gradients }) => {
  const x = inputs[0]!;
  const dy = gradients[0]!;
  const size = attribute(node, "size", 1);
  const [alpha, beta] = [attribute(node, "alpha", 1e-4), attribute(node, "beta", 0.75)];
  const channels = staticShape(x)[1]!;
  const neighbours = axisMap(channels, channels, (channel) =>
    Array.from({ length: size }, (_, at) => channel - Math.floor((size - 1) / 2) + at)
      .filter((other) => other >= 0 && other < channels)
      .map((other) => [other, alpha / size] as const),
  );
  const sums = op.add(g, alongAxis(g, op.mul(g, x, x), 1, neighbours), number(g, attribute(node, "bias", 1)));
  const shrunk = op.mul(g, dy, op.pow(g, sums, number(g, -beta)));
  const others = alongAxis(g, op.div(g, op.mul(g, shrunk, x), sums), 1, transposed(neighbours));
  return [op.sub(g, shrunk, times(g, op.mul(g, x, others), 2 * beta))];
};

export const normalizations: Ruleset = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  LRN: localResponse,
};
