import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { perChannel } from "../broadcast.ts";
import { number } from "../pointwise.ts";
import { attribute } from "../rule.ts";

/** `y = factor · x + offset`; both broadcast to `y`, and are left out where they do nothing. */
export interface Affine {
  readonly factor?: Value;
  readonly offset?: Value;
  readonly y: Value;
}

/**
 * What the node makes of `x` by numbers that do not depend on the picture; undefined for a node that does something else.
 * @param reached names of the values that depend on the picture
 */
export function affineOf(
  g: GraphBuilder,
  node: Node,
  x: Value,
  reached: ReadonlySet<string>,
): Affine | undefined {
  const y = g.value(node.outputs[0]!);
  const others = node.inputs.filter((name) => name && name !== x.name);
  if (node.domain || others.some((name) => reached.has(name)) || !sameExtents(x, y)) return undefined;
  if (node.op === "BatchNormalization" && !attribute(node, "training_mode", 0))
    return batchNormalization(g, node, y);
  const [first] = others;
  if (first === undefined || others.length > 1) return undefined;
  const [other, leads] = [g.value(first), node.inputs[0] === x.name];
  if (node.op === "Add") return { offset: other, y };
  if (node.op === "Sub" && leads) return { offset: op.neg(g, other), y };
  if (node.op === "Mul") return { factor: other, y };
  if (node.op === "Div" && leads) return { factor: op.reciprocal(g, other), y };
  return undefined;
}

/** `(x − mean) / √(var + ε) · scale + bias` */
function batchNormalization(g: GraphBuilder, node: Node, y: Value): Affine {
  const [scale, bias, mean, variance] = node.inputs.slice(1).map((name) => g.value(name)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const stable = op.add(g, variance, number(g, attribute(node, "epsilon", 1e-5)));
  const factor = op.div(g, scale, op.sqrt(g, stable));
  const offset = op.sub(g, bias, op.mul(g, mean, factor));
  const rank = staticShape(y).length;
  return { factor: perChannel(g, factor, rank), offset: perChannel(g, offset, rank), y };
}

function sameExtents(a: Value, b: Value): boolean {
  const [from, to] = [staticShape(a), staticShape(b)];
  return from.length === to.length && from.every((extent, axis) => extent === to[axis]);
}
