import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast, zeros } from "../broadcast.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";
import {
  type Standardized,
  type StatisticsGradient,
  standardize,
  standardizedGradient,
} from "../standardization.ts";

/** The attribute `axis` and all axes after it. */
export function innerAxes({ node, inputs }: Pick<RuleContext, "node" | "inputs">): number[] {
  const rank = staticShape(inputs[0]!).length;
  const [first] = op.positiveAxes([attribute(node, "axis", -1)], rank) as [number];
  return Array.from({ length: rank - first }, (_, at) => first + at);
}

/** The gradient of `x` in `y = x̂ · scale`. */
const byInput = (
  g: GraphBuilder,
  dy: Value,
  standardized: Standardized,
  scale: Value,
  statistics: StatisticsGradient = {},
): Value => standardizedGradient(g, op.mul(g, dy, scale), standardized, { statistics });

/** The gradient of `scale` in `y = x̂ · scale`. */
const byScale = (g: GraphBuilder, dy: Value, { normalized }: Standardized, scale: Value): Value =>
  unbroadcast(g, op.mul(g, dy, normalized), scale);

/** `y = x̂ · scale + bias`, with the mean and `1 / √(var + ε)` that the node itself gives as second and third output. */
const layerNormalization: Rule = (context) => {
  const { g, node, inputs, gradients, needs } = context;
  const [x, scale, bias] = inputs as [Value, Value, Value | undefined];
  const [dy = zeros(g, staticShape(x)), byMean, byInverse] = gradients;
  const axes = innerAxes(context);
  const kept = staticShape(x).map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const mean = g.output(node, 1, "float32", kept);
  const inverse = g.output(node, 2, "float32", kept);
  const normalized = op.mul(g, op.sub(g, x, mean), inverse);
  const standardized = { normalized, inverse, axes, centered: true };
  const statistics = { mean: byMean, inverse: byInverse };
  return [
    needs[0] ? byInput(g, dy, standardized, scale, statistics) : undefined,
    needs[1] ? byScale(g, dy, standardized, scale) : undefined,
    bias && needs[2] ? unbroadcast(g, dy, bias) : undefined,
  ];
};

/** `y = x / √(mean x² + ε) · scale` (Zhang and Sennrich 2019); `1 / √(mean x² + ε)` may be a second output. */
const rootMeanSquareNormalization: Rule = (context) => {
  const { g, node, inputs, gradients, needs } = context;
  const [x, scale] = inputs as [Value, Value];
  const [dy = zeros(g, staticShape(x)), inverse] = gradients;
  const epsilon = attribute(node, "epsilon", 1e-5);
  const standardized = standardize(g, x, innerAxes(context), { epsilon, centered: false });
  return [
    needs[0] ? byInput(g, dy, standardized, scale, { inverse }) : undefined,
    needs[1] ? byScale(g, dy, standardized, scale) : undefined,
  ];
};

/**
 * Normalization of `input + skip + bias`, which the node gives as its fourth output; `skip` and `bias` broadcast. Its
 * inputs end with the normalization's own bias (unless it is by the root mean square) and that of the sum.
 */
const skipNormalization =
  (centered: boolean): Rule =>
  ({ g, node, inputs, gradients, needs }) => {
    const [input, skip, scale] = inputs as [Value, Value, Value];
    const [beta, bias] = centered ? [3, 4] : [undefined, 3];
    const shape = staticShape(input);
    const [dy = zeros(g, shape), , , bySum] = gradients;
    const sum = g.output(node, 3, "float32", shape);
    const epsilon = attribute(node, "epsilon", 1e-5);
    const standardized = standardize(g, sum, [shape.length - 1], { epsilon, centered });
    const slope = byInput(g, dy, standardized, scale);
    const total = bySum ? op.add(g, slope, bySum) : slope;
    const results = [
      total,
      unbroadcast(g, total, skip),
      needs[2] ? byScale(g, dy, standardized, scale) : undefined,
    ];
    if (beta && needs[beta]) results[beta] = unbroadcast(g, dy, inputs[beta]!);
    if (needs[bias]) results[bias] = unbroadcast(g, total, inputs[bias]!);
    return results;
  };

export const layerNormalizations: Ruleset = {
  LayerNormalization: layerNormalization,
  RMSNormalization: rootMeanSquareNormalization,
  // ONNX Runtime's name for it from before it was standard, in ONNX's own domain.
  SimplifiedLayerNormalization: rootMeanSquareNormalization,
  "com.microsoft.SkipLayerNormalization": skipNormalization(true),
  "com.microsoft.SkipSimplifiedLayerNormalization": skipNormalization(false),
};
