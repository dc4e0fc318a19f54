import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast, zeros } from "../broadcast.ts";
import { constantInput, fixedNumbers } from "../constants.ts";
import { gate, number, pointwise, scale } from "../pointwise.ts";
import type { Rule, Ruleset } from "../rule.ts";

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

/** The gradient in equal parts to all inputs that reach the extremum: half each for two, as PyTorch does. */
const extremum: Rule = ({ g, inputs, outputs, gradients, needs }) => {
  const reached = inputs.map((input) => op.cast(g, op.equal(g, input!, outputs[0]!), "float32"));
  const part = op.div(g, gradients[0]!, op.sum(g, ...reached));
  return inputs.map((input, index) =>
    needs[index] ? unbroadcast(g, op.mul(g, part, reached[index]!), input!) : undefined,
  );
};

/** Each term gets the gradient times `weight(number of terms)`. */
const total =
  (weight: (terms: number) => number): Rule =>
  ({ g, inputs, gradients, needs }) => {
    const dy = scale(g, gradients[0]!, weight(inputs.length));
    return inputs.map((input, index) => (needs[index] ? unbroadcast(g, dy, input!) : undefined));
  };

/** `d(xᵖ) = p xᵖ⁻¹`, 0 for `p = 0` also at `x = 0`; by `p`: `xᵖ ln x`, taken as 0 for `x ≤ 0`, where it is not real. */
const pow: Rule = (context) => {
  const { g, inputs, outputs, gradients, needs } = context;
  const [x, exponent] = inputs as [Value, Value];
  const dy = gradients[0]!;
  const byBase = (): Value => {
    const fixed = needs[1] ? undefined : fixedNumbers(context, 1);
    if (fixed?.length === 1) return fixedPower(g, dy, x, fixed[0]!);
    const p = op.cast(g, exponent, x.dtype);
    const slope = op.mul(g, p, op.pow(g, x, op.sub(g, p, number(g, 1))));
    return op.mul(g, dy, op.where(g, op.equal(g, p, number(g, 0)), number(g, 0), slope));
  };
  const byExponent = (): Value => {
    const positive = op.greater(g, x, number(g, 0));
    const log = op.log(g, op.where(g, positive, x, number(g, 1)));
    return op.mul(g, dy, op.mul(g, outputs[0]!, log));
  };
  return [
    needs[0] ? unbroadcast(g, byBase(), x) : undefined,
    needs[1] && exponent.dtype === x.dtype ? unbroadcast(g, byExponent(), exponent) : undefined,
  ];
};

/** `p xᵖ⁻¹ · dy` for a `p` that is known, nearly always a square. */
function fixedPower(g: GraphBuilder, dy: Value, x: Value, p: number): Value {
  if (p === 0) return zeros(g, staticShape(dy));
  if (p === 1) return dy;
  return op.mul(g, dy, scale(g, p === 2 ? x : op.pow(g, x, number(g, p - 1)), p));
}

/** `a mod b = a − b t` with a whole `t`, `a / b` cut off, and so `(1, −t)`; that is the mode for real numbers, `fmod`. */
const modulo = pairwise(pass, (g, dy, a, b, y) =>
  op.neg(g, op.mul(g, dy, op.round(g, op.div(g, op.sub(g, a, y), b)))),
);

const where: Rule = ({ g, inputs, gradients, needs }) => {
  const [condition, a, b] = inputs as [Value, Value, Value];
  const dy = gradients[0]!;
  return [
    undefined,
    needs[1] ? unbroadcast(g, gate(g, dy, condition), a) : undefined,
    needs[2] ? unbroadcast(g, op.where(g, condition, number(g, 0), dy), b) : undefined,
  ];
};

/** Back to the type it came from; whole numbers have no gradient. */
const cast: Rule = ({ g, inputs, gradients }) => {
  const { dtype } = inputs[0]!;
  return [dtype.startsWith("float") ? op.cast(g, gradients[0]!, dtype) : undefined];
};

/** Passes as it is. In training mode the node's own mask is asked for, so that a run's gradient is that of what it drew. */
const dropout: Rule = (context) => {
  const { g, node, inputs, outputs, gradients } = context;
  const dy = gradients[0]!;
  if (!constantInput(context, 2)?.[0]) return [dy];
  const mask = g.output(node, 1, "bool", outputs[0]!.shape);
  const ratio = inputs[1] ?? number(g, 0.5);
  return [gate(g, op.div(g, dy, op.sub(g, number(g, 1), ratio)), mask)];
};

export const elementwise: Ruleset = {
  Identity: pointwise(pass),
  Dropout: dropout,
  Cast: cast,
  CastLike: cast,
  Neg: pointwise((g, dy) => op.neg(g, dy)),
  // At 0 the derivative is taken as 0.
  Abs: pointwise((g, dy, x) => op.mul(g, dy, op.sign(g, x))),
  Exp: pointwise((g, dy, _x, y) => op.mul(g, dy, y)),
  Log: pointwise((g, dy, x) => op.div(g, dy, x)),
  Sqrt: pointwise((g, dy, _x, y) => op.div(g, scale(g, dy, 0.5), y)),
  Reciprocal: pointwise((g, dy, _x, y) => op.neg(g, op.mul(g, dy, op.mul(g, y, y)))),
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
  Mod: modulo,
  Pow: pow,
  Sum: total(() => 1),
  Mean: total((terms) => 1 / terms),
  Max: extremum,
  Min: extremum,
  Where: where,
};
