import { sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { alongAxis, axisMap, transposed } from "../axis-map.ts";
import { nonzero, number, scale } from "../pointwise.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";
import { placesOf, poolWindowOf, type Window } from "../window.ts";

/**
 * The adjoint of sums over windows of a value of shape `to`: a sum over a window is one along each axis after the other.
 * `weights` says what the places within the axis weigh for an output.
 */
function spread(
  g: GraphBuilder,
  dy: Value,
  to: readonly number[],
  window: Window,
  weight: (axis: number, places: readonly number[], inside: readonly number[]) => number,
): Value {
  const outputs = staticShape(dy).slice(2);
  return to.slice(2).reduce((part, extent, axis) => {
    const map = axisMap(outputs[axis]!, extent, (output) => {
      const places = placesOf(window, axis, output);
      const inside = places.filter((place) => place >= 0 && place < extent);
      return inside.map((place) => [place, weight(axis, places, inside)] as const);
    });
    return alongAxis(g, part, axis + 2, transposed(map));
  }, dy);
}

/** With `count_include_pad` padding counts as zeros, but what a window of `ceil_mode` reaches beyond it never counts. */
const averagePool: Rule = ({ g, node, inputs, gradients }) => {
  const shape = staticShape(inputs[0]!);
  const window = poolWindowOf(node, inputs[0]!);
  const countPadding = attribute(node, "count_include_pad", 0) === 1;
  const weight = (axis: number, places: readonly number[], inside: readonly number[]): number => {
    const end = shape[axis + 2]! + window.ends[axis]!;
    return 1 / (countPadding ? places.filter((place) => place < end) : inside).length;
  };
  return [spread(g, gradients[0]!, shape, window, weight)];
};

const globalAveragePool: Rule = ({ g, inputs, gradients }) => {
  const shape = staticShape(inputs[0]!);
  return [op.expand(g, scale(g, gradients[0]!, 1 / sizeOf(shape.slice(2))), shape)];
};

/**
 * `y = (Σ |x|ᵖ)^(1/p)`: `dx = sign(x) |x|^(p−1) Σ dy y^(1−p)`, the sum over the windows that `x` lies in, and 0 where y is
 * 0. `total` makes that sum.
 */
const normPool =
  (total: (dy: Value, context: RuleContext) => Value): Rule =>
  (context) => {
    const { g, node, inputs, outputs, gradients } = context;
    const [x, y] = [inputs[0]!, outputs[0]!];
    const p = attribute(node, "p", 2);
    const part =
      p === 1 ? gradients[0]! : op.mul(g, gradients[0]!, op.pow(g, nonzero(g, y), number(g, 1 - p)));
    const direction =
      p === 2
        ? x
        : p === 1
          ? op.sign(g, x)
          : op.mul(g, op.sign(g, x), op.pow(g, op.abs(g, x), number(g, p - 1)));
    return [op.mul(g, direction, total(part, context))];
  };

export const meanPooling: Ruleset = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalLpPool: normPool((dy) => dy),
  LpPool: normPool((dy, { g, node, inputs }) =>
    spread(g, dy, staticShape(inputs[0]!), poolWindowOf(node, inputs[0]!), () => 1),
  ),
};
