import { UserError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value, type ValueType } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { gate, number } from "../pointwise.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** The whole numbers that a type holds. */
const ranges: Partial<Record<ValueType, readonly [low: number, high: number]>> = {
  int8: [-(2 ** 7), 2 ** 7 - 1],
  uint8: [0, 2 ** 8 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
};

/** A scale or zero point for all of `x`, or one a place along the node's axis, so that it broadcasts over `x`. */
function spread(g: GraphBuilder, node: Node, values: Value, x: Value): Value {
  const shape = staticShape(values);
  if (shape.length > 1)
    throw new UserError(
      `${node.op} (node "${node.name}") has a scale for each block, which has no gradient; quantize by tensor or by channel.`,
    );
  const rank = staticShape(x).length;
  const [axis] = op.positiveAxes([attribute(node, "axis", 1)], rank) as [number];
  return op.reshape(g, values, [
    ...shape,
    ...Array.from({ length: shape.length ? rank - 1 - axis : 0 }, () => 1),
  ]);
}

/**
 * Straight through (Bengio et al. 2013): the gradient of what is kept as whole numbers is meant with respect to the real
 * numbers that they stand for, so it passes as it is where the rounded number is within the type's range, and not where it
 * was cut off, as in PyTorch's fake quantization. Scale and zero point, by which steps move, get none here.
 */
const quantize: Rule = ({ g, node, inputs, outputs, gradients }) => {
  const [x, scale, zeroPoint] = inputs as [Value, Value, Value | undefined];
  const range = ranges[outputs[0]!.dtype];
  if (!range)
    throw new UserError(
      `${node.op} (node "${node.name}") has no gradient for the type ${outputs[0]!.dtype}; ${Object.keys(ranges).join(", ")} have one.`,
    );
  const steps = op.round(g, op.div(g, x, spread(g, node, scale, x)));
  const level = zeroPoint ? op.add(g, steps, spread(g, node, op.cast(g, zeroPoint, "float32"), x)) : steps;
  const [low, high] = range.map((bound) => number(g, bound)) as [Value, Value];
  const inside = op.and(g, op.greaterOrEqual(g, level, low), op.lessOrEqual(g, level, high));
  return [gate(g, gradients[0]!, inside)];
};

/** `y = (q − zero) · scale`: straight through to `q`, as above; to the scale by `q − zero`. */
const dequantize: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [q, scale, zeroPoint] = inputs as [Value, Value, Value | undefined];
  const dy = gradients[0]!;
  const byScale = (): Value => {
    const wide = spread(g, node, scale, q);
    const level = op.cast(g, q, "float32");
    const distance = zeroPoint
      ? op.sub(g, level, spread(g, node, op.cast(g, zeroPoint, "float32"), q))
      : level;
    return op.reshape(g, unbroadcast(g, op.mul(g, dy, distance), wide), staticShape(scale));
  };
  return [dy, needs[1] ? byScale() : undefined];
};

export const quantization: Ruleset = {
  DequantizeLinear: dequantize,
  QuantizeLinear: quantize,
  "com.microsoft.DequantizeLinear": dequantize,
  "com.microsoft.QuantizeLinear": quantize,
};
