import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { constantInput } from "../constants.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** Puts `dy` back in its place among zeros: turned round where the step was negative, spread where it was not 1. */
const slice: Rule = (context) => {
  const { g, inputs, gradients } = context;
  const shape = staticShape(inputs[0]!);
  const starts = constantInput(context, 1)!;
  const listed = constantInput(context, 3) ?? starts.map((_, at) => at);
  const steps = constantInput(context, 4) ?? starts.map(() => 1);
  const axes = op.positiveAxes(listed, shape.length);
  let dy = gradients[0]!;
  const counts = staticShape(dy);
  const turned = axes.filter((_, at) => steps[at]! < 0);
  if (turned.length > 0) dy = op.reverse(g, dy, turned);
  const begins = shape.map(() => 0);
  const ends = shape.map(() => 0);
  axes.forEach((axis, at) => {
    const extent = shape[axis]!;
    const count = counts[axis]!;
    const step = Math.abs(steps[at]!);
    if (step > 1 && count > 1) dy = spaced(g, dy, axis, step);
    const from = starts[at]! < 0 ? starts[at]! + extent : starts[at]!;
    const first = Math.min(Math.max(from, 0), steps[at]! > 0 ? extent : extent - 1);
    const reach = (count - 1) * step;
    begins[axis] = steps[at]! > 0 ? first : first - reach;
    ends[axis] = extent - begins[axis]! - staticShape(dy)[axis]!;
  });
  return [[...begins, ...ends].every((pad) => pad === 0) ? dy : op.pad(g, dy, [...begins, ...ends])];
};

/** `step − 1` zeros after each place along `axis`. */
function spaced(g: GraphBuilder, x: Value, axis: number, step: number): Value {
  const shape = staticShape(x);
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const rows = op.reshape(g, x, [...before, shape[axis]!, 1, ...after]);
  const none = [...shape, 0].map(() => 0);
  const padded = op.pad(g, rows, [...none, ...none.with(axis + 1, step - 1)]);
  return op.reshape(g, padded, [...before, shape[axis]! * step, ...after]);
}

/** What was cut away gets nothing. */
const trilu: Rule = ({ g, node, inputs, gradients }) => [
  op.trilu(g, gradients[0]!, inputs[1], attribute(node, "upper", 1) === 1),
];

export const slicing: Ruleset = { Slice: slice, Trilu: trilu };
