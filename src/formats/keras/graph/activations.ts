import { scalar } from "../../../base/tensor.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import type { Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { isFields, shown } from "../settings.ts";
import type { LayerCall } from "./layers/layer.ts";

type Context = Pick<LayerCall, "g" | "order" | "dialect">;
type Activation = (x: Value, context: Context) => Value;

const number = (g: GraphBuilder, value: number): Value => g.constant(scalar(value));
const scaled = (g: GraphBuilder, x: Value, factor: number): Value => op.mul(g, x, number(g, factor));

/** Keras's and TensorFlow.js's activation functions by name, with the values that their options have unless given. */
const activations: Readonly<Record<string, Activation>> = {
  celu: (x, { g }) => op.celu(g, x, 1),
  elu: (x, { g }) => op.elu(g, x, 1),
  exponential: (x, { g }) => op.exp(g, x),
  gelu: (x, { g }) => gelu(g, x, false),
  gelu_new: (x, { g }) => gelu(g, x, true),
  hard_sigmoid: hardSigmoid,
  hard_silu: hardSilu,
  hard_swish: hardSilu,
  hard_tanh: (x, { g }) => op.clip(g, x, number(g, -1), number(g, 1)),
  leaky_relu: (x, { g }) => op.leakyRelu(g, x, 0.2),
  linear: (x) => x,
  log_sigmoid: (x, { g }) => op.neg(g, op.softplus(g, op.neg(g, x))),
  log_softmax: (x, { g, order }) => op.logSoftmax(g, x, order.axis(-1, x.shape!.length)),
  mish: (x, { g }) => op.mish(g, x),
  relu: (x, { g }) => op.relu(g, x),
  relu6: (x, { g }) => relu(g, x, { most: 6 }),
  selu: (x, { g }) => op.selu(g, x),
  sigmoid: (x, { g }) => op.sigmoid(g, x),
  silu: silu,
  softmax: (x, { g, order }) => op.softmax(g, x, order.axis(-1, x.shape!.length)),
  softplus: (x, { g }) => op.softplus(g, x),
  softsign: (x, { g }) => op.softsign(g, x),
  swish: silu,
  tanh: (x, { g }) => op.tanh(g, x),
  tanh_shrink: (x, { g }) => op.sub(g, x, op.tanh(g, x)),
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
  if (found) return found(x, call);
  if (saved && typeof saved.class_name === "string" && isFields(saved.config))
    return call.inner({ class_name: saved.class_name, config: saved.config }, [x]);
  throw call.refuse(
    `has the activation ${shown(name)}, which is not known here; export the model as ONNX from Keras.`,
  );
}

/** `relu` with all that Keras lets one say: a slope below the threshold, a value that nothing exceeds. */
export function relu(
  g: GraphBuilder,
  x: Value,
  { slope = 0, most, threshold = 0 }: { slope?: number; most?: number | undefined; threshold?: number },
): Value {
  const capped = (y: Value): Value => (most === undefined ? y : op.min(g, y, number(g, most)));
  if (slope === 0) {
    if (threshold === 0)
      return most === undefined ? op.relu(g, x) : op.clip(g, x, number(g, 0), number(g, most));
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

function silu(x: Value, { g }: Context): Value {
  return op.mul(g, x, op.sigmoid(g, x));
}

/** Keras 3 has another slope than those before it. */
function hardSigmoid(x: Value, { g, dialect }: Context): Value {
  return op.hardSigmoid(g, x, dialect === "Keras 3" ? 1 / 6 : 0.2, 0.5);
}

function hardSilu(x: Value, { g }: Context): Value {
  return op.mul(g, x, op.hardSigmoid(g, x, 1 / 6, 0.5));
}
