import { staticShape } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { number } from "../pointwise.ts";
import type { Ruleset } from "../rule.ts";
import { reluRules } from "./relu.ts";

/**
 * Lucid's redirected ReLU (github.com/tensorflow/lucid, `misc/redirected_relu_grad.py`) at ReLUs and those with an upper end (ReLU6): where
 * a row's whole gradient would be 0, what pushes its elements back to where the slope is 1 passes. There it is of a loss that is to fall; here of
 * a score that is to rise, so that signs are the other way round. Lucid goes back to the plain gradient after 16 steps of its search; that is left
 * to who searches.
 */
export const redirectedRelu: Ruleset = reluRules(
  (g, dy, y, high) => {
    const [zero, end] = [number(g, 0), number(g, high)];
    const above = op.greater(g, y, zero);
    const below = op.less(g, y, end);
    const plain = op.where(g, op.and(g, above, below), dy, zero);
    const redirected = op.where(g, above, op.where(g, below, dy, op.min(g, dy, zero)), op.relu(g, dy));
    const others = staticShape(dy).flatMap((_, axis) => (axis === 0 ? [] : [axis]));
    const most = op.reduceMax(g, op.abs(g, plain), others, true);
    return op.where(g, op.greater(g, most, zero), plain, redirected);
  },
  { capped: true },
);
