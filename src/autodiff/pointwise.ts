import { scalar } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Node, Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import type { Rule } from "./rule.ts";

/** A constant that broadcasts to anything. */
export const number = (g: GraphBuilder, value: number): Value => g.constant(scalar(value));

/** `factor · x`. */
export const scale = (g: GraphBuilder, x: Value, factor: number): Value =>
  factor === 1 ? x : op.mul(g, x, number(g, factor));

/** `dy` where the condition holds and 0 elsewhere. */
export const gate = (g: GraphBuilder, dy: Value, condition: Value): Value =>
  op.where(g, condition, dy, number(g, 0));

/** `x` with 1 in place of 0, to divide by where the quotient is 0 or not used. */
export const nonzero = (g: GraphBuilder, x: Value): Value =>
  op.where(g, op.equal(g, x, number(g, 0)), number(g, 1), x);

/** A rule for `y = f(x)`, element by element: `derive` gives `f′(x) · dy`. */
export const pointwise =
  (derive: (g: GraphBuilder, dy: Value, x: Value, y: Value, node: Node) => Value): Rule =>
  ({ g, node, inputs, outputs, gradients }) => [derive(g, gradients[0]!, inputs[0]!, outputs[0]!, node)];
