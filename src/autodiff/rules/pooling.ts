import { zeros } from "../../base/tensor.ts";
import { staticShape } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { Rule, Ruleset } from "../rule.ts";

/** Each window's gradient goes to its first maximum, as in the frameworks; overlapping windows add up. */
const maxPool: Rule = ({ g, node, inputs, outputs, gradients }) => {
  const x = inputs[0]!;
  const size = staticShape(x).reduce((product, extent) => product * extent, 1);
  const indices = g.output(node, 1, "int64", outputs[0]!.shape);
  const flat = op.scatterElements(
    g,
    op.expand(g, g.constant(zeros("float32", [1])), [size]),
    op.reshape(g, indices, [staticShape(indices).reduce((product, extent) => product * extent, 1)]),
    op.reshape(g, gradients[0]!, [staticShape(indices).reduce((product, extent) => product * extent, 1)]),
    { add: true },
  );
  return [op.reshape(g, flat, staticShape(x))];
};

export const pooling: Ruleset = { MaxPool: maxPool };
