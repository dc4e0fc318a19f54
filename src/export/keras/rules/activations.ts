import { attribute } from "../../../autodiff/rule.ts";
import { numbersOf } from "../../../model/dataflow.ts";
import {
  byChannel,
  type NodeCall,
  type NodeRule,
  type NodeRules,
  only,
  weightAt,
  withChannelsLast,
} from "../call.ts";
import type { Held } from "../held.ts";
import { reshaped } from "../keras-layer.ts";

/** A layer that changes each number by itself. */
const pointwise = (call: NodeCall, type: string, config: Readonly<Record<string, unknown>>): Held => {
  const x = only(call);
  return { ...x, layer: call.layer(type, [x], config) };
};

const named =
  (activation: string): NodeRule =>
  (call) =>
    pointwise(call, "Activation", { activation });

/** Up to a value, or to none. */
const rectified = (call: NodeCall, most: number | null): Held => pointwise(call, "ReLU", { max_value: most });

const clip: NodeRule = (call) => {
  const [low, high] = [1, 2].map((at) => {
    const name = call.node.inputs[at];
    return name ? numbersOf(call.graph, name)?.[0] : null;
  });
  if (low !== 0 || high === undefined) throw call.refuse("clips at other values than zero below");
  return rectified(call, high !== null && high < 3e38 ? high : null);
};

const softmax: NodeRule = (call) => {
  const x = withChannelsLast(call);
  const axis = attribute(call.node, "axis", -1);
  const last = x.shape.length === 3 ? [1, -3] : [1, -1];
  if (!last.includes(axis)) throw call.refuse(`goes along axis ${axis}, not along classes or channels`);
  return { ...x, layer: call.layer("Activation", [x], { activation: "softmax" }) };
};

/** `max(0, min(1, alpha x + beta))`: what Keras calls so has other slopes from version to version. */
function hardSigmoid(call: NodeCall, alpha: number, beta: number, part: string): Held {
  const x = only(call);
  const scaled = call.move("Rescaling", x.layer, { scale: alpha, offset: beta }, "rescaling");
  return { ...x, layer: call.move("ReLU", scaled, { max_value: 1 }, part) };
}

/** Howard et al. 2019: `x · max(0, min(1, x / 6 + 1 / 2))` */
const hardSwish: NodeRule = (call) => {
  const gate = hardSigmoid(call, 1 / 6, 0.5, "gate");
  return { ...gate, layer: call.layer("Multiply", [only(call), gate], {}) };
};

/** A slope for each channel. */
const prelu: NodeRule = (call) => {
  const x = withChannelsLast(call);
  const slopes = byChannel(x, weightAt(call, 1));
  if (!slopes) throw call.refuse("has other slopes than one for each channel");
  const places = x.shape.slice(1).map(() => 1);
  const alpha = reshaped(slopes, [...places, x.shape[0]!]);
  const shared = places.map((_, axis) => axis + 1);
  return { ...x, layer: call.layer("PReLU", [x], { shared_axes: shared }, { alpha }) };
};

const gelu: NodeRule = (call) => {
  if (attribute(call.node, "approximate", "none") !== "none")
    throw call.refuse("approximates GELU, which Keras's does not");
  return named("gelu")(call);
};

export const activations: NodeRules = {
  Clip: clip,
  Elu: (call) => pointwise(call, "ELU", { alpha: attribute(call.node, "alpha", 1) }),
  Gelu: gelu,
  HardSigmoid: (call) =>
    hardSigmoid(call, attribute(call.node, "alpha", 0.2), attribute(call.node, "beta", 0.5), ""),
  HardSwish: hardSwish,
  LeakyRelu: (call) => pointwise(call, "LeakyReLU", { alpha: attribute(call.node, "alpha", 0.01) }),
  Mish: named("mish"),
  PRelu: prelu,
  Relu: (call) => rectified(call, null),
  Selu: named("selu"),
  SiLU: named("swish"),
  Sigmoid: named("sigmoid"),
  Softmax: softmax,
  Softplus: named("softplus"),
  Softsign: named("softsign"),
  Tanh: named("tanh"),
};
