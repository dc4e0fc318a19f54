import { sizeOf } from "../../base/tensor.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { perChannel } from "../broadcast.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";
import { innerAxes } from "../rules/layer-normalization.ts";
import { standardize } from "../standardization.ts";
import { perUnit } from "./share.ts";

interface Statistics {
  /** The axes of `view` that mean and variance are taken over. */
  readonly axes: readonly number[];
  readonly epsilon: number;
  /** What multiplies the standardized `x`; broadcasts to it. */
  readonly factor?: Value;
  /** `x` in another shape. */
  readonly view?: readonly number[];
}

/**
 * `y = (x − mean x) / σ · factor + bias` with σ taken as a constant, so that it is linear in `x` and the z-rule applies (Ali et al. 2022
 * section 3.3).
 */
const standardized =
  (statisticsOf: (context: RuleContext) => Statistics): Rule =>
  (context) => {
    const { g, inputs, outputs, gradients } = context;
    const x = inputs[0]!;
    const { axes, epsilon, factor, view = staticShape(x) } = statisticsOf(context);
    const share = perUnit(g, gradients[0]!, outputs[0]!);
    const delta = op.reshape(g, factor ? op.mul(g, share, factor) : share, view);
    const { inverse } = standardize(g, op.reshape(g, x, view), axes, { epsilon });
    const spread = op.mul(g, op.sub(g, delta, op.reduceMean(g, delta, axes, true)), inverse);
    return [op.mul(g, x, op.reshape(g, spread, staticShape(x)))];
  };

/** Standardizations over some axes of their input. Those without a mean scale each number, so all relevance passes them. */
export const normalizations: Ruleset = {
  GroupNormalization: standardized(({ g, node, inputs }) => {
    const [x, scale] = inputs as [Value, Value];
    const [batch, channels, ...places] = staticShape(x) as [number, number, ...number[]];
    const groups = attribute(node, "num_groups", 1);
    // An element a channel since operator set 21, an element a group before.
    const [elements] = staticShape(scale) as [number];
    const rows = op.expand(g, op.reshape(g, scale, [elements, 1]), [elements, channels / elements]);
    return {
      axes: [2],
      epsilon: attribute(node, "epsilon", 1e-5),
      factor: perChannel(g, op.reshape(g, rows, [channels]), places.length + 2),
      view: [batch, groups, (channels / groups) * sizeOf(places)],
    };
  }),
  InstanceNormalization: standardized(({ g, node, inputs }) => {
    const rank = staticShape(inputs[0]!).length;
    return {
      axes: Array.from({ length: rank - 2 }, (_, at) => at + 2),
      epsilon: attribute(node, "epsilon", 1e-5),
      factor: perChannel(g, inputs[1]!, rank),
    };
  }),
  LayerNormalization: standardized((context) => ({
    axes: innerAxes(context),
    epsilon: attribute(context.node, "epsilon", 1e-5),
    factor: context.inputs[1]!,
  })),
  MeanVarianceNormalization: standardized(({ node, inputs }) => ({
    axes: op.positiveAxes(
      attribute<readonly number[]>(node, "axes", [0, 2, 3]),
      staticShape(inputs[0]!).length,
    ),
    epsilon: 1e-18,
  })),
};
