import { scalar } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import type { Rule, Ruleset } from "../rule.ts";

const number = (g: GraphBuilder, value: number): Value => g.constant(scalar(value));

/** A rule for `y = f(x)`: the gradient is `f′(x)` times the incoming one. */
const pointwise =
  (derive: (g: GraphBuilder, dy: Value, x: Value, y: Value) => Value): Rule =>
  ({ g, inputs, outputs, gradients }) => [derive(g, gradients[0]!, inputs[0]!, outputs[0]!)];

/** A rule for `y = f(a, b)` with broadcasting; each side's gradient is made only if wanted. */
const pairwise =
  (
    left: (g: GraphBuilder, dy: Value, a: Value, b: Value, y: Value) => Value,
    right: (g: GraphBuilder, dy: Value, a: Value, b: Value, y: Value) => Value,
  ): Rule =>
  ({ g, inputs, outputs, gradients, needs }) => {
    const [a, b] = inputs as [Value, Value];
    const dy = gradients[0]!;
    return [
      needs[0] ? unbroadcast(g, left(g, dy, a, b, outputs[0]!), a) : undefined,
      needs[1] ? unbroadcast(g, right(g, dy, a, b, outputs[0]!), b) : undefined,
    ];
  };

const pass = (_g: GraphBuilder, dy: Value): Value => dy;

export const elementwise: Ruleset = {
  Identity: pointwise(pass),
  // At 0 the derivative is taken as 0, as all frameworks do.
  Relu: pointwise((g, dy, _x, y) => op.mul(g, dy, op.unitStep(g, y, 0))),
  Neg: pointwise((g, dy) => op.neg(g, dy)),
  Abs: pointwise((g, dy, x) => op.mul(g, dy, op.sign(g, x))),
  Exp: pointwise((g, dy, _x, y) => op.mul(g, dy, y)),
  Log: pointwise((g, dy, x) => op.div(g, dy, x)),
  Sqrt: pointwise((g, dy, _x, y) => op.div(g, op.mul(g, dy, number(g, 0.5)), y)),
  Reciprocal: pointwise((g, dy, _x, y) => op.neg(g, op.mul(g, dy, op.mul(g, y, y)))),
  // y (1 − y)
  Sigmoid: pointwise((g, dy, _x, y) => op.mul(g, dy, op.mul(g, y, op.sub(g, number(g, 1), y)))),
  // 1 − y²
  Tanh: pointwise((g, dy, _x, y) => op.mul(g, dy, op.sub(g, number(g, 1), op.mul(g, y, y)))),
  Softplus: pointwise((g, dy, x) => op.mul(g, dy, op.sigmoid(g, x))),
  Add: pairwise(pass, pass),
  Sub: pairwise(pass, (g, dy) => op.neg(g, dy)),
  Mul: pairwise(
    (g, dy, _a, b) => op.mul(g, dy, b),
    (g, dy, a) => op.mul(g, dy, a),
  ),
  // d(a/b) = dy/b, −dy·y/b
  Div: pairwise(
    (g, dy, _a, b) => op.div(g, dy, b),
    (g, dy, _a, b, y) => op.neg(g, op.div(g, op.mul(g, dy, y), b)),
  ),
  Sum: ({ g, inputs, gradients, needs }) =>
    inputs.map((input, index) => (needs[index] ? unbroadcast(g, gradients[0]!, input!) : undefined)),
};
