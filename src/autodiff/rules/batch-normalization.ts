import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { channelSums, perChannel, zeros } from "../broadcast.ts";
import { number, scale as times } from "../pointwise.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";
import { countOf, standardize, standardizedGradient } from "../standardization.ts";

/**
 * `y = (x − mean) / √(var + ε) · scale + bias` with stored statistics. All five inputs have a gradient, the statistics too:
 * networks that fine-tune their batch norms or explain by their biases ask for them.
 */
const withStoredStatistics: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [x, scale, , mean, variance] = inputs as [Value, Value, Value, Value, Value];
  const dy = gradients[0]!;
  const rank = staticShape(x).length;
  const stable = op.add(g, variance, number(g, attribute(node, "epsilon", 1e-5)));
  const inverse = op.reciprocal(g, op.sqrt(g, stable));
  const slope = op.mul(g, scale, inverse);
  const byScale = op.mul(g, channelSums(g, op.mul(g, dy, op.sub(g, x, perChannel(g, mean, rank)))), inverse);
  return [
    needs[0] ? op.mul(g, dy, perChannel(g, slope, rank)) : undefined,
    needs[1] ? byScale : undefined,
    needs[2] ? channelSums(g, dy) : undefined,
    needs[3] ? op.neg(g, op.mul(g, channelSums(g, dy), slope)) : undefined,
    needs[4] ? times(g, op.mul(g, byScale, op.mul(g, slope, inverse)), -0.5) : undefined,
  ];
};

/**
 * Training mode: `y = x̂ · scale + bias` with the batch's own mean and (biased) variance, and the running statistics
 * `running = stored · momentum + the batch's · (1 − momentum)`, through which gradients pass too.
 */
const withBatchStatistics: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [x, scale] = inputs as [Value, Value];
  const [dy = zeros(g, staticShape(x)), runningMean, runningVariance] = gradients;
  const rank = staticShape(x).length;
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const epsilon = attribute(node, "epsilon", 1e-5);
  const momentum = attribute(node, "momentum", 0.9);
  const standardized = standardize(g, x, axes, { epsilon });
  const wide = (vector: Value): Value => perChannel(g, vector, rank);
  const part = (1 - momentum) / countOf(x, axes);
  const byInput = (): Value => {
    const terms = [standardizedGradient(g, dy, standardized, { factor: wide(scale) })];
    if (runningMean) terms.push(op.expand(g, wide(times(g, runningMean, part)), staticShape(x)));
    if (runningVariance) {
      // x − mean = x̂ / inverse
      const slope = op.div(g, wide(times(g, runningVariance, 2 * part)), standardized.inverse);
      terms.push(op.mul(g, standardized.normalized, slope));
    }
    return op.sum(g, ...terms);
  };
  return [
    needs[0] ? byInput() : undefined,
    needs[1] ? channelSums(g, op.mul(g, dy, standardized.normalized)) : undefined,
    needs[2] ? channelSums(g, dy) : undefined,
    needs[3] && runningMean ? times(g, runningMean, momentum) : undefined,
    needs[4] && runningVariance ? times(g, runningVariance, momentum) : undefined,
  ];
};

export const batchNormalization: Ruleset = {
  BatchNormalization: (context) =>
    attribute(context.node, "training_mode", 0)
      ? withBatchStatistics(context)
      : withStoredStatistics(context),
};
