import { sizeOf } from "../../base/tensor.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { channelSums, perChannel } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";
import { standardize, standardizedGradient } from "../standardization.ts";

/** `y = x̂ · scale + bias`, standardized over the places of each channel. */
const instanceNormalization: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [x, scale] = inputs as [Value, Value];
  const dy = gradients[0]!;
  const rank = staticShape(x).length;
  const axes = Array.from({ length: rank - 2 }, (_, at) => at + 2);
  const standardized = standardize(g, x, axes, { epsilon: attribute(node, "epsilon", 1e-5) });
  return [
    needs[0] ? standardizedGradient(g, dy, standardized, { factor: perChannel(g, scale, rank) }) : undefined,
    needs[1] ? channelSums(g, op.mul(g, dy, standardized.normalized)) : undefined,
    needs[2] ? channelSums(g, dy) : undefined,
  ];
};

/**
 * `y = x̂ · scale + bias`, standardized over the channels and places of each group. Scale and bias have an element a
 * channel since operator set 21 and an element a group before.
 */
const groupNormalization: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [x, scale] = inputs as [Value, Value];
  const dy = gradients[0]!;
  const shape = staticShape(x);
  const [batch, channels] = shape as [number, number];
  const [elements] = staticShape(scale) as [number];
  const each = channels / elements;
  const groups = attribute(node, "num_groups", 1);
  const grouped = (value: Value): Value =>
    op.reshape(g, value, [batch, groups, sizeOf(shape) / (batch * groups)]);
  const wide = op.reshape(g, op.expand(g, op.reshape(g, scale, [elements, 1]), [elements, each]), [channels]);
  const back = (gradient: Value): Value => {
    const total = channelSums(g, gradient);
    return each === 1 ? total : op.reduceSum(g, op.reshape(g, total, [elements, each]), [1]);
  };
  const standardized = standardize(g, grouped(x), [2], { epsilon: attribute(node, "epsilon", 1e-5) });
  const byInput = (): Value => {
    const delta = grouped(op.mul(g, dy, perChannel(g, wide, shape.length)));
    return op.reshape(g, standardizedGradient(g, delta, standardized), shape);
  };
  return [
    needs[0] ? byInput() : undefined,
    needs[1] ? back(op.mul(g, dy, op.reshape(g, standardized.normalized, shape))) : undefined,
    needs[2] ? back(dy) : undefined,
  ];
};

/** `(x − mean) / (√var + 10⁻⁹)`, the small number in the root here: it only counts where the variance is 0. */
const meanVarianceNormalization: Rule = ({ g, node, inputs, gradients }) => {
  const listed = attribute<readonly number[]>(node, "axes", [0, 2, 3]);
  const axes = op.positiveAxes(listed, staticShape(inputs[0]!).length);
  const standardized = standardize(g, inputs[0]!, axes, { epsilon: 1e-18 });
  return [standardizedGradient(g, gradients[0]!, standardized)];
};

export const normalizations: Ruleset = {
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
};
