import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { gate, number, pointwise, scale } from "../pointwise.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** Constants of Klambauer et al. 2017. */
const SELU = { alpha: 1.6732631921768188, gamma: 1.0507010221481323 };

/** Slope times `dy` below 0; the slope is a weight and broadcasts to `x`. */
const pRelu: Rule = ({ g, inputs, gradients, needs }) => {
  const [x, slope] = inputs as [Value, Value];
  const dy = gradients[0]!;
  const positive = op.greater(g, x, number(g, 0));
  const below = op.where(g, positive, number(g, 0), op.mul(g, dy, x));
  return [
    needs[0] ? op.where(g, positive, dy, op.mul(g, dy, slope)) : undefined,
    needs[1] ? unbroadcast(g, below, slope) : undefined,
  ];
};

/** Passes strictly between the bounds, as PyTorch's ReLU6 does; what is cut off goes to the bound that cut it. */
const clip: Rule = ({ g, inputs, gradients, needs }) => {
  const [x, low, high] = inputs as [Value, Value | undefined, Value | undefined];
  const dy = gradients[0]!;
  const above = low && op.greater(g, x, low);
  const below = high && op.less(g, x, high);
  const inside = above && below ? op.and(g, above, below) : (above ?? below);
  return [
    needs[0] ? (inside ? gate(g, dy, inside) : dy) : undefined,
    low && needs[1] ? unbroadcast(g, gate(g, dy, op.not(g, above!)), low) : undefined,
    high && needs[2] ? unbroadcast(g, gate(g, dy, op.not(g, below!)), high) : undefined,
  ];
};

/** `y (dy − Σ dy·y)` along the axis. */
const softmax = pointwise((g, dy, _x, y, node) => {
  const total = op.reduceSum(g, op.mul(g, dy, y), [attribute(node, "axis", -1)], true);
  return op.mul(g, y, op.sub(g, dy, total));
});

/** `dy − softmax(x) Σ dy` along the axis. */
const logSoftmax = pointwise((g, dy, _x, y, node) => {
  const total = op.reduceSum(g, dy, [attribute(node, "axis", -1)], true);
  return op.sub(g, dy, op.mul(g, op.exp(g, y), total));
});

/** At a kink the derivative is the one from the left (0 for ReLU), as in PyTorch. */
export const activations: Ruleset = {
  Relu: pointwise((g, dy, _x, y) => op.mul(g, dy, op.unitStep(g, y, 0))),
  LeakyRelu: pointwise((g, dy, x, _y, node) =>
    op.where(g, op.greater(g, x, number(g, 0)), dy, scale(g, dy, attribute(node, "alpha", 0.01))),
  ),
  PRelu: pRelu,
  // Below 0, y = α (eˣ − 1), so that y′ = y + α.
  Elu: pointwise((g, dy, x, y, node) =>
    op.where(
      g,
      op.greater(g, x, number(g, 0)),
      dy,
      op.mul(g, dy, op.add(g, y, number(g, attribute(node, "alpha", 1)))),
    ),
  ),
  Selu: pointwise((g, dy, x, y, node) => {
    const gamma = attribute(node, "gamma", SELU.gamma);
    const alpha = attribute(node, "alpha", SELU.alpha);
    const below = op.add(g, y, number(g, gamma * alpha));
    return op.mul(g, dy, op.where(g, op.greater(g, x, number(g, 0)), number(g, gamma), below));
  }),
  // Below 0, y = α (e^(x/α) − 1), so that y′ = y / α + 1.
  Celu: pointwise((g, dy, x, y, node) =>
    op.where(
      g,
      op.greater(g, x, number(g, 0)),
      dy,
      op.mul(g, dy, op.add(g, scale(g, y, 1 / attribute(node, "alpha", 1)), number(g, 1))),
    ),
  ),
  ThresholdedRelu: pointwise((g, dy, x, _y, node) =>
    gate(g, dy, op.greater(g, x, number(g, attribute(node, "alpha", 1)))),
  ),
  Shrink: pointwise((g, dy, x, _y, node) =>
    gate(g, dy, op.greater(g, op.abs(g, x), number(g, attribute(node, "lambd", 0.5)))),
  ),
  Clip: clip,
  // y (1 − y)
  Sigmoid: pointwise((g, dy, _x, y) => op.mul(g, dy, op.mul(g, y, op.sub(g, number(g, 1), y)))),
  HardSigmoid: pointwise((g, dy, _x, y, node) => {
    const rising = op.and(g, op.greater(g, y, number(g, 0)), op.less(g, y, number(g, 1)));
    return gate(g, scale(g, dy, attribute(node, "alpha", 0.2)), rising);
  }),
  // 1 − y²
  Tanh: pointwise((g, dy, _x, y) => op.mul(g, dy, op.sub(g, number(g, 1), op.mul(g, y, y)))),
  // 2/√π e^(−x²)
  Erf: pointwise((g, dy, x) =>
    op.mul(g, dy, scale(g, op.exp(g, op.neg(g, op.mul(g, x, x))), 2 / Math.sqrt(Math.PI))),
  ),
  Softplus: pointwise((g, dy, x) => op.mul(g, dy, op.sigmoid(g, x))),
  // 1 / (1 + |x|)²
  Softsign: pointwise((g, dy, x) => {
    const root = op.add(g, op.abs(g, x), number(g, 1));
    return op.div(g, dy, op.mul(g, root, root));
  }),
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
