import { scalar } from "../../base/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { type Attributes, float, int, type Shape, type Value, type ValueType } from "../graph.ts";
import { codeOfDtype } from "../onnx/schema.ts";

type Unary = (g: GraphBuilder, x: Value) => Value;
type Binary = (g: GraphBuilder, a: Value, b: Value) => Value;
type Variadic = (g: GraphBuilder, ...terms: Value[]) => Value;

/** The shape that NumPy-style broadcasting gives; `a` and `b` may have free extents where they agree. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new RangeError(`[${a.join(", ")}] and [${b.join(", ")}] do not broadcast`);
  });
}

function map(
  g: GraphBuilder,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes = {},
  dtype?: ValueType,
): Value {
  const shapes = inputs.map((value) => value.shape);
  const shape = shapes.every((known) => known !== undefined) ? shapes.reduce(broadcastShape) : undefined;
  return g.node({ op, inputs, attributes, outputs: [{ dtype: dtype ?? inputs[0]!.dtype, shape }] })[0]!;
}

const unary =
  (op: string): Unary =>
  (g, x) =>
    map(g, op, [x]);
const binary =
  (op: string): Binary =>
  (g, a, b) =>
    map(g, op, [a, b]);
const compare =
  (op: string): Binary =>
  (g, a, b) =>
    map(g, op, [a, b], {}, "bool");

export const identity: Unary = unary("Identity");
export const neg: Unary = unary("Neg");
export const abs: Unary = unary("Abs");
export const sign: Unary = unary("Sign");
export const exp: Unary = unary("Exp");
export const log: Unary = unary("Log");
export const sqrt: Unary = unary("Sqrt");
export const reciprocal: Unary = unary("Reciprocal");
export const sin: Unary = unary("Sin");
export const cos: Unary = unary("Cos");
export const sinh: Unary = unary("Sinh");
export const cosh: Unary = unary("Cosh");
export const floor: Unary = unary("Floor");
export const round: Unary = unary("Round");
export const relu: Unary = unary("Relu");
export const sigmoid: Unary = unary("Sigmoid");
export const tanh: Unary = unary("Tanh");
export const erf: Unary = unary("Erf");
export const softplus: Unary = unary("Softplus");
export const not: Unary = unary("Not");
export const add: Binary = binary("Add");
export const sub: Binary = binary("Sub");
export const mul: Binary = binary("Mul");
export const div: Binary = binary("Div");
export const pow: Binary = binary("Pow");
/** What is left of `a / b`, with the sign of `a`. */
export const mod: Binary = (g, a, b) => map(g, "Mod", [a, b], { fmod: int(1) });
export const and: Binary = binary("And");
export const or: Binary = binary("Or");
export const equal: Binary = compare("Equal");
export const less: Binary = compare("Less");
export const greater: Binary = compare("Greater");
export const lessOrEqual: Binary = compare("LessOrEqual");
export const greaterOrEqual: Binary = compare("GreaterOrEqual");
export const sum: Variadic = (g, ...terms) => (terms.length === 1 ? terms[0]! : map(g, "Sum", terms));
export const max: Variadic = (g, ...terms) => map(g, "Max", terms);
export const min: Variadic = (g, ...terms) => map(g, "Min", terms);

/** `condition ? a : b`, elementwise with broadcasting. */
export function where(g: GraphBuilder, condition: Value, a: Value, b: Value): Value {
  return map(g, "Where", [condition, a, b], {}, a.dtype);
}

export function cast(g: GraphBuilder, x: Value, to: ValueType): Value {
  return x.dtype === to ? x : map(g, "Cast", [x], { to: int(codeOfDtype.get(to)!) }, to);
}

/** `min(max(x, low), high)`; the bounds are scalars. */
export function clip(g: GraphBuilder, x: Value, low: Value, high: Value): Value {
  return g.node({ op: "Clip", inputs: [x, low, high], outputs: [{ dtype: x.dtype, shape: x.shape }] })[0]!;
}

export function leakyRelu(g: GraphBuilder, x: Value, alpha: number): Value {
  return map(g, "LeakyRelu", [x], { alpha: float(alpha) });
}

/** `softmax(x)` along `axis`. */
export function softmax(g: GraphBuilder, x: Value, axis = -1): Value {
  return map(g, "Softmax", [x], { axis: int(axis) });
}

/** `log(softmax(x))` along `axis`. */
export function logSoftmax(g: GraphBuilder, x: Value, axis = -1): Value {
  return map(g, "LogSoftmax", [x], { axis: int(axis) });
}

/** Drops nothing when it runs; a training graph puts a mask in its place. `rate` is the part to drop. */
export function dropout(g: GraphBuilder, x: Value, rate: number): Value {
  const ratio = g.constant(scalar(rate));
  return g.node({ op: "Dropout", inputs: [x, ratio], outputs: [{ dtype: x.dtype, shape: x.shape }] })[0]!;
}

/**
 * `clamp(3e38 x + offset, 0, 1)`, a HardSigmoid so steep that it is a step for every normal float32: with offset 0, 1 where
 * `x > 0`; with offset 1, 1 where `x ≥ 0`; else 0. Comparing and casting takes many times as long.
 */
export function unitStep(g: GraphBuilder, x: Value, offset: 0 | 1): Value {
  return map(g, "HardSigmoid", [x], { alpha: float(3e38), beta: float(offset) });
}
