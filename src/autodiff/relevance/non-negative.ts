import type { GraphBuilder } from "../../graph/builder.ts";
import { initializerTensor, type Node, type Value } from "../../graph/graph.ts";

const makers = new Set(["Relu", "Sigmoid", "HardSigmoid", "Softmax", "Softplus"]);

/** Operators that give nothing below zero where their inputs are not, the shapes and indices among these aside. */
const keepers = new Set([
  "AveragePool",
  "Concat",
  "Dropout",
  "Flatten",
  "GlobalAveragePool",
  "GlobalMaxPool",
  "Identity",
  "MaxPool",
  "ReduceMean",
  "Reshape",
  "Squeeze",
  "Transpose",
]);

/** Whether a value is known to have nothing below zero, by the operators that made it. Then rules need not look at signs. */
export function isNonNegative(g: GraphBuilder, { name }: Pick<Value, "name">): boolean {
  const node = g.nodes.find(({ outputs }) => outputs.includes(name));
  if (!node || node.domain) return false;
  if (makers.has(node.op)) return true;
  if (node.op === "Clip") return boundOf(g, node) >= 0;
  if (!keepers.has(node.op)) return false;
  const parts = node.op === "Concat" ? node.inputs : node.inputs.slice(0, 1);
  return parts.every((input) => isNonNegative(g, { name: input }));
}

/** What a Clip gives at least. */
function boundOf(g: GraphBuilder, { inputs }: Node): number {
  const bound = inputs[1] ? g.constantOf(g.value(inputs[1])) : undefined;
  return bound ? Number(initializerTensor(bound).data[0]) : Number.NEGATIVE_INFINITY;
}
