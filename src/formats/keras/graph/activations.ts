import { scalar } from "../../../base/tensor.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import type { Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { isFields, type Settings, settingsOf, shown } from "../settings.ts";
import { axisOf, type LayerCall } from "./layers/layer.ts";

type Context = Pick<LayerCall, "g" | "order" | "dialect" | "settings" | "refuse">;
type Activation = (x: Value, context: Context) => Value;

const number = (g: GraphBuilder, value: number): Value => g.constant(scalar(value));
const scaled = (g: GraphBuilder, x: Value, factor: number): Value => op.mul(g, x, number(g, factor));
const between = (g: GraphBuilder, x: Value, low: number, high: number): Value =>
  op.clip(g, x, number(g, low), number(g, high));

/** Activation functions of Keras, TensorFlow and TensorFlow.js by name; operations have their options among the settings. */
const activations: Readonly<Record<string, Activation>> = {
  celu: (x, { g, settings }) => op.celu(g, x, settings.number("alpha", 1)),
  elu: (x, { g, settings }) => op.elu(g, x, settings.number("alpha", 1)),
  exponential: (x, { g }) => op.exp(g, x),
  gelu: (x, { g, settings }) => gelu(g, x, settings.flag("approximate", false)),
  gelu_new: (x, { g }) => gelu(g, x, true),
  glu,
  hard_shrink: hardShrink,
  hard_sigmoid: hardSigmoid,
  hard_silu: hardSilu,
  hard_swish: hardSilu,
  hard_tanh: (x, { g }) => between(g, x, -1, 1),
  leaky_relu: (x, { g, settings }) => op.leakyRelu(g, x, slopeOf(settings, 0.2)),
  linear: (x) => x,
  log_sigmoid: (x, { g }) => op.neg(g, op.softplus(g, op.neg(g, x))),
  log_softmax: (x, context) => op.logSoftmax(context.g, x, heldAxis(x, context)),
  mish: (x, { g }) => op.mish(g, x),
  relu,
  relu6: (x, { g }) => rectified(g, x, { slope: 0, most: 6, threshold: 0 }),
  selu: (x, { g }) => op.selu(g, x),
  sigmoid: (x, { g }) => op.sigmoid(g, x),
  silu,
  soft_shrink: softShrink,
  softmax: (x, context) => op.softmax(context.g, x, heldAxis(x, context)),
  softplus: (x, { g }) => op.softplus(g, x),
  softsign: (x, { g }) => op.softsign(g, x),
  sparse_plus: sparsePlus,
  sparse_sigmoid: (x, { g }) => op.hardSigmoid(g, x, 0.5, 0.5),
  squareplus,
  swish: silu,
  tanh: (x, { g }) => op.tanh(g, x),
  tanh_shrink: (x, { g }) => op.sub(g, x, op.tanh(g, x)),
  threshold,
};

/** The activation function of that name, as it is for a maker; undefined where there is none. */
export const activationNamed = (name: string): Activation | undefined =>
  Object.hasOwn(activations, name) ? activations[name] : undefined;

/**
 * The activation that a setting names, by a word or as a function or layer that was saved; the identity where it is absent.
 * @throws UserError when we have none of that name
 */
export function activate(call: LayerCall, x: Value, activation: unknown): Value {
  if (activation === undefined || activation === null) return x;
  const saved = isFields(activation) ? activation : undefined;
  // Keras saves a function as { class_name: "function", config: its name }.
  const name = saved ? (typeof saved.config === "string" ? saved.config : saved.class_name) : activation;
  const found = typeof name === "string" ? activationNamed(name) : undefined;
  // The layer's settings are not the function's.
  if (found) return found(x, { ...call, settings: settingsOf({}, call.refuse) });
  if (saved && typeof saved.class_name === "string" && isFields(saved.config))
    return call.inner({ class_name: saved.class_name, config: saved.config }, [x]);
  throw call.refuse(
    `has the activation ${shown(name)}, which is not known here; export the model as ONNX from Keras.`,
  );
}

/** Where the axis that a function goes along is held; the last unless it says another. */
function heldAxis(x: Value, { order, settings, refuse }: Context): number {
  const rank = x.shape!.length;
  return order.axis(axisOf(settings.of("axis") ?? -1, rank, refuse), rank);
}

/** Before Keras 3, and in TensorFlow, the slope is called `alpha`. */
const slopeOf = (settings: Settings, otherwise: number): number =>
  settings.number("negative_slope", settings.number("alpha", otherwise));

/** With a slope below the threshold and a value that nothing exceeds, where these are said. */
export function relu(x: Value, { g, settings }: Context): Value {
  return rectified(g, x, {
    slope: slopeOf(settings, 0),
    most: settings.of("max_value") === undefined ? undefined : settings.number("max_value"),
    threshold: settings.number("threshold", 0),
  });
}

interface Rectifier {
  readonly slope: number;
  readonly most: number | undefined;
  readonly threshold: number;
}

function rectified(g: GraphBuilder, x: Value, { slope, most, threshold }: Rectifier): Value {
  const capped = (y: Value): Value => (most === undefined ? y : op.min(g, y, number(g, most)));
  if (slope === 0) {
    if (threshold === 0) return most === undefined ? op.relu(g, x) : between(g, x, 0, most);
    return capped(op.thresholdedRelu(g, x, threshold));
  }
  if (threshold === 0) return capped(op.leakyRelu(g, x, slope));
  const below = scaled(g, op.sub(g, x, number(g, threshold)), slope);
  return capped(op.where(g, op.greater(g, x, number(g, threshold)), x, below));
}

/** Hendrycks and Gimpel 2016: `x Φ(x)`, or its approximation by tanh. */
function gelu(g: GraphBuilder, x: Value, approximate: boolean): Value {
  const cube = (): Value => op.mul(g, op.mul(g, x, x), x);
  const part = approximate
    ? op.tanh(g, scaled(g, op.add(g, x, scaled(g, cube(), 0.044715)), Math.sqrt(2 / Math.PI)))
    : op.erf(g, scaled(g, x, Math.SQRT1_2));
  return scaled(g, op.mul(g, x, op.add(g, part, number(g, 1))), 0.5);
}

/** Dauphin et al. 2017: one half of the axis, gated by the sigmoid of the other. */
function glu(x: Value, context: Context): Value {
  const { g, refuse } = context;
  const axis = heldAxis(x, context);
  const half = (x.shape![axis] as number) / 2;
  if (!Number.isInteger(half))
    throw refuse(`gates ${2 * half} channels by half of them, which must be even.`);
  const [gated, gate] = op.split(g, x, [half, half], axis) as [Value, Value];
  return op.mul(g, gated, op.sigmoid(g, gate));
}

/** `x` where it is farther than the threshold from 0, else 0. */
function hardShrink(x: Value, { g, settings }: Context): Value {
  const far = op.greater(g, op.abs(g, x), number(g, settings.number("threshold", 0.5)));
  return op.where(g, far, x, number(g, 0));
}

/** `x` brought nearer to 0 by the threshold, and no farther. */
function softShrink(x: Value, { g, settings }: Context): Value {
  const most = settings.number("threshold", 0.5);
  return op.sub(g, x, between(g, x, -most, most));
}

function silu(x: Value, { g, settings }: Context): Value {
  const beta = settings.number("beta", 1);
  return op.mul(g, x, op.sigmoid(g, beta === 1 ? x : scaled(g, x, beta)));
}

/** 0 up to −1, `(x + 1)² / 4` up to 1, then `x`. */
function sparsePlus(x: Value, { g }: Context): Value {
  const root = op.add(g, between(g, x, -1, 1), number(g, 1));
  return op.add(g, scaled(g, op.mul(g, root, root), 0.25), op.relu(g, op.sub(g, x, number(g, 1))));
}

/** Barron 2021: `(x + √(x² + b)) / 2` */
function squareplus(x: Value, { g, settings }: Context): Value {
  const root = op.sqrt(g, op.add(g, op.mul(g, x, x), number(g, settings.number("b", 4))));
  return scaled(g, op.add(g, x, root), 0.5);
}

function threshold(x: Value, { g, settings }: Context): Value {
  const above = op.greater(g, x, number(g, settings.number("threshold")));
  return op.where(g, above, x, number(g, settings.number("default_value")));
}

/** Keras 3 has another slope than those before it. */
function hardSigmoid(x: Value, { g, dialect }: Context): Value {
  return op.hardSigmoid(g, x, dialect === "Keras 3" ? 1 / 6 : 0.2, 0.5);
}

function hardSilu(x: Value, { g }: Context): Value {
  return op.mul(g, x, op.hardSigmoid(g, x, 1 / 6, 0.5));
}
