import { zBox } from "../../autodiff/relevance/rules/z-box.ts";
import { float32, scalar } from "../../base/tensor.ts";
import { extract, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { GraphContext, Options } from "../method.ts";
import type { Bound } from "../option.ts";
import type { RuleOf } from "./composite.ts";

/**
 * The z-box rule for layers that see the picture, within what its elements can be: `low` and `high`, or what becomes of these where nodes of
 * the network's own prepare the picture.
 */
export function boxed(context: GraphContext, { low, high }: Options<"low" | "high">): RuleOf {
  const { g } = context;
  const bounds = [boundOf(context, low), boundOf(context, high)] as const;
  return ({ x }) => {
    const [a, b] = bounds.map((bound) => prepared(context, x, bound)) as [Value, Value];
    return zBox(op.min(g, a, b), op.max(g, a, b));
  };
}

/** In the shape of the input. */
function boundOf({ g, input, preprocessing }: GraphContext, bound: Bound): Value {
  const shape = staticShape(input);
  if (typeof bound === "number") return op.expand(g, g.constant(scalar(bound)), shape);
  const lowest = bound === "lowest";
  if (!preprocessing) {
    const largest = op.reduceMax(g, op.abs(g, input), [1, 2, 3], true);
    return op.expand(g, lowest ? op.neg(g, largest) : largest, shape);
  }
  const { mean, std } = preprocessing;
  const levels = mean.map((value, channel) => ((lowest ? 0 : 255) - value) / std[channel]!);
  return op.expand(g, g.constant(float32([1, levels.length, 1, 1], levels)), shape);
}

/** What the nodes before `x` make of another picture: they are written once more. */
function prepared({ g, graph, input }: GraphContext, x: Value, picture: Value): Value {
  const stands = new Map([[input.name, picture]]);
  for (const node of extract(graph, [x.name]).nodes) {
    if (!node.inputs.some((name) => stands.has(name))) continue;
    const outputs = node.outputs.map((name) => g.value(name));
    const inputs = node.inputs.map((name) => stands.get(name) ?? (name ? g.value(name) : undefined));
    const { op: operator, domain, attributes } = node;
    const made = g.node({ op: operator, domain, inputs, attributes, outputs });
    for (const [at, { name }] of outputs.entries()) stands.set(name, made[at]!);
  }
  return stands.get(x.name)!;
}
