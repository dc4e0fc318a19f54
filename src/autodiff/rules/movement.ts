import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** The same elements under the input's shape again. */
const unreshape: Rule = ({ g, inputs, gradients }) => [op.reshape(g, gradients[0]!, staticShape(inputs[0]!))];

const transpose: Rule = ({ g, node, inputs, gradients }) => {
  const rank = staticShape(inputs[0]!).length;
  const permutation = attribute<readonly number[]>(
    node,
    "perm",
    Array.from({ length: rank }, (_, axis) => rank - 1 - axis),
  );
  return [
    op.transpose(
      g,
      gradients[0]!,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ];
};

const concat: Rule = ({ g, node, inputs, gradients }) => {
  const parts = inputs as readonly Value[];
  const rank = staticShape(parts[0]!).length;
  const axis = (attribute(node, "axis", 0) + rank) % rank;
  return op.split(
    g,
    gradients[0]!,
    parts.map((part) => staticShape(part)[axis]!),
    axis,
  );
};

export const movement: Ruleset = {
  Reshape: unreshape,
  Flatten: unreshape,
  Squeeze: unreshape,
  Unsqueeze: unreshape,
  Transpose: transpose,
  Concat: concat,
};
