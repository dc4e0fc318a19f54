import { scalar } from "../../../../base/tensor.ts";
import type { GraphBuilder } from "../../../../graph/builder.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { type Settings, shown } from "../../settings.ts";
import { activationNamed } from "../activations.ts";
import { axesOf, type LayerRule, type LayerRules } from "../layers/layer.ts";
import { mergers } from "../layers/merging.ts";
import { unitLength } from "../layers/normalization.ts";
import { resize } from "../layers/resizing.ts";
import { argumentOf, constantOf, operandOf, tensorOf } from "./arguments.ts";
import { movers } from "./moving.ts";
import { einsum, matMul } from "./products.ts";
import { sliced } from "./slicing.ts";

const unary =
  (write: (g: GraphBuilder, x: Value) => Value): LayerRule =>
  (call) =>
    write(call.g, tensorOf(call));

/** Of tensors and numbers, broadcast as NumPy does. */
const binary =
  (write: (g: GraphBuilder, a: Value, b: Value) => Value): LayerRule =>
  (call) => {
    const { g, order, inputs, refuse } = call;
    const rank = Math.max(...inputs.map(({ shape }) => shape!.length));
    const a = operandOf(call, argumentOf(call, 0, "x", "x1", "a", "value"), rank);
    const b = operandOf(call, argumentOf(call, 1, "y", "x2", "b", "bias"), rank);
    try {
      return write(g, a, b);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const shapes = [a, b].map((x) => `[${order.shape(x).join(", ")}]`);
      throw refuse(`is called with ${shapes.join(" and ")}, which do not fit each other.`);
    }
  };

const reduction =
  (write: (g: GraphBuilder, x: Value, axes: readonly number[], keep: boolean) => Value): LayerRule =>
  (call) => {
    const { g, order, refuse } = call;
    const x = order.keras(tensorOf(call));
    const axes = axesOf(constantOf(call, 1, "axis"), x.shape!.length, refuse);
    return order.hold(write(g, x, axes, Boolean(constantOf(call, 2, "keepdims"))));
  };

const clip: LayerRule = (call) => {
  const { g, refuse } = call;
  const [low, high] = [
    constantOf(call, 1, "clip_value_min") ?? constantOf(call, 1, "x_min"),
    constantOf(call, 2, "clip_value_max") ?? constantOf(call, 2, "x_max"),
  ];
  if (typeof low !== "number" || typeof high !== "number") throw refuse("clips between what are no numbers.");
  return op.clip(g, tensorOf(call), g.constant(scalar(low)), g.constant(scalar(high)));
};

const getItem: LayerRule = (call) =>
  sliced(call, tensorOf(call), constantOf(call, 1, call.kwargs.slice_spec ? "slice_spec" : "key"));

const minimum: typeof op.reduceMax = (g, x, axes, keep) =>
  op.neg(g, op.reduceMax(g, op.neg(g, x), axes, keep));

const variance: typeof op.reduceMean = (g, x, axes, keep) => {
  const centred = op.sub(g, x, op.reduceMean(g, x, axes, true));
  return op.reduceMean(g, op.mul(g, centred, centred), axes, keep);
};

const deviation: typeof op.reduceMean = (g, x, axes, keep) => op.sqrt(g, variance(g, x, axes, keep));

const same: LayerRule = (call) => tensorOf(call);

/** TensorFlow squares the length before it holds it against `epsilon`. */
const normalize =
  (least: (settings: Settings) => number): LayerRule =>
  (call) => {
    const { g, order, settings, refuse } = call;
    const x = order.keras(tensorOf(call));
    if (settings.number("order", 2) !== 2)
      throw refuse(`normalizes by the order ${settings.number("order")}, which is not known here.`);
    const axes = axesOf(constantOf(call, 1, "axis") ?? -1, x.shape!.length, refuse);
    return order.hold(unitLength(g, x, axes, least(settings)));
  };

/** Of Keras's and of TensorFlow's, which calls the interpolation `method`. */
const resizing: LayerRule = (call) => {
  const { settings, refuse } = call;
  if (settings.flag("preserve_aspect_ratio", false))
    throw refuse("keeps the aspect of pictures, which is not known here; resize them before.");
  return resize(call, settings.wholes("size", 2) as [number, number]);
};

/** All tensors are float32 here, whatever the kind of float. */
const cast: LayerRule = (call) => {
  const type = constantOf(call, 1, "dtype");
  if (!/float/.test(String(type))) throw call.refuse(`casts to ${shown(type)}; it can to floats alone.`);
  return tensorOf(call);
};

/** TensorFlow's and Keras's operations by name, in lower case and without underscores. */
const operations: LayerRules = {
  ...movers,
  abs: unary(op.abs),
  absolute: unary(op.abs),
  add: binary(op.add),
  addv2: binary(op.add),
  biasadd: binary(op.add),
  cast,
  clip,
  clipbyvalue: clip,
  concat: (call) => mergers.Concatenate!(call),
  concatenate: (call) => mergers.Concatenate!(call),
  divide: binary(op.div),
  einsum,
  erf: unary(op.erf),
  exp: unary(op.exp),
  getitem: getItem,
  identity: same,
  l2normalize: normalize((settings) => Math.sqrt(settings.number("epsilon", 1e-12))),
  log: unary(op.log),
  matmul: matMul,
  max: reduction(op.reduceMax),
  maximum: binary((g, a, b) => op.max(g, a, b)),
  mean: reduction(op.reduceMean),
  min: reduction(minimum),
  minimum: binary((g, a, b) => op.min(g, a, b)),
  mul: binary(op.mul),
  multiply: binary(op.mul),
  neg: unary(op.neg),
  negative: unary(op.neg),
  normalize: normalize((settings) => settings.number("epsilon", 1e-7)),
  pow: binary(op.pow),
  power: binary(op.pow),
  realdiv: binary(op.div),
  reciprocal: unary(op.reciprocal),
  reducemax: reduction(op.reduceMax),
  reducemean: reduction(op.reduceMean),
  reducemin: reduction(minimum),
  reducestd: reduction(deviation),
  reducesum: reduction(op.reduceSum),
  reducevariance: reduction(variance),
  resize: resizing,
  rsqrt: unary((g, x) => op.reciprocal(g, op.sqrt(g, x))),
  sign: unary(op.sign),
  sqrt: unary(op.sqrt),
  square: unary((g, x) => op.mul(g, x, x)),
  std: reduction(deviation),
  stopgradient: same,
  sub: binary(op.sub),
  subtract: binary(op.sub),
  sum: reduction(op.reduceSum),
  truediv: binary(op.div),
  truedivide: binary(op.div),
  var: reduction(variance),
};

/** The rule of an operation, which may also be an activation; undefined where there is none of that name. */
export function operationNamed(name: string): LayerRule | undefined {
  const last = name.split(".").at(-1)!;
  const key = last.replaceAll("_", "").toLowerCase();
  if (Object.hasOwn(operations, key)) return operations[key];
  const activation = activationNamed(last.replaceAll(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase());
  return activation && ((call) => activation(tensorOf(call), call));
}
