import { sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";

/** What gates are made by, those first that make nothing else. */
const squashers = ["Softmax", "Sigmoid", "HardSigmoid", "Erf", "Clip", "Tanh"];

/** What may stand between: it moves numbers, or scales and shifts all of them. */
const movers = ["Cast", "Dropout", "Expand", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"];
const scalers = ["Add", "Div", "Mul", "Sub"];

/**
 * Which of the two values that a node multiplies is the gate, which only says how much of the other passes: attention's weights,
 * squeeze-and-excitation, or `σ(x)` in `x σ(x)`. It is the smaller one, which holds for many places, or the one that a squashing function
 * made. Undefined where neither is or both are.
 */
export function gateOf(g: GraphBuilder, node: Node): 0 | 1 | undefined {
  const [a, b] = node.inputs.slice(0, 2).map((name) => g.value(name)) as [Value, Value];
  const [sizeA, sizeB] = [sizeOf(staticShape(a)), sizeOf(staticShape(b))];
  if (node.op === "Mul" && sizeA !== sizeB) return sizeA < sizeB ? 0 : 1;
  const [rankA, rankB] = [squashed(g, a), squashed(g, b)];
  return rankA === rankB ? undefined : rankA < rankB ? 0 : 1;
}

/** The place among `squashers` of what made the value, and their number if none did. */
function squashed(g: GraphBuilder, value: Value): number {
  const node = g.nodes.find(({ outputs }) => outputs.includes(value.name));
  if (!node || node.domain) return squashers.length;
  if (squashers.includes(node.op)) return squashers.indexOf(node.op);
  const varying = node.inputs.filter((name) => name && !g.constantOf(g.value(name)));
  const through = movers.includes(node.op) || (scalers.includes(node.op) && varying.length === 1);
  return through ? squashed(g, g.value(varying[0]!)) : squashers.length;
}
