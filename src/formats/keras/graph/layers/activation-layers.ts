import * as op from "../../../../graph/operators/index.ts";
import { relu } from "../activations.ts";
import { along, axesOf, type LayerRule, type LayerRules, only } from "./layer.ts";

/** Before Keras 3 the slope is called `alpha`. */
const leakyRelu: LayerRule = (call) => {
  const { g, settings } = call;
  return op.leakyRelu(g, only(call), settings.number("negative_slope", settings.number("alpha", 0.3)));
};

/** A slope for each place and channel, one for all along `shared_axes`. */
const prelu: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const x = only(call);
  const rank = x.shape!.length;
  const shared = new Set(axesOf(settings.of("shared_axes") ?? [], rank, refuse));
  const axes = Array.from({ length: rank - 1 }, (_, at) => at + 1);
  const shape = axes.map((axis) => (shared.has(axis) ? 1 : (order.shape(x)[axis] as number)));
  return op.prelu(g, x, call.weight("alpha", shape, along(order, rank, axes, shape)));
};

/** Along one axis or several together. */
const softmax: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const x = only(call);
  const rank = x.shape!.length;
  const axes = axesOf(settings.of("axis") ?? -1, rank, refuse).map((axis) => order.axis(axis, rank));
  if (axes.length === 1) return op.softmax(g, x, axes[0]!);
  const parts = op.exp(g, op.sub(g, x, op.reduceMax(g, x, axes, true)));
  return op.div(g, parts, op.reduceSum(g, parts, axes, true));
};

export const activationLayers: LayerRules = {
  ELU: (call) => op.elu(call.g, only(call), call.settings.number("alpha", 1)),
  LeakyReLU: leakyRelu,
  PReLU: prelu,
  ReLU: (call) => relu(only(call), call),
  Softmax: softmax,
  ThresholdedReLU: (call) => op.thresholdedRelu(call.g, only(call), call.settings.number("theta", 1)),
};
