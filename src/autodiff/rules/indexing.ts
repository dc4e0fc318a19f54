import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { alongAxis, axisMap, transposed } from "../axis-map.ts";
import { zeros } from "../broadcast.ts";
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

/** Where each place of a padded axis is read from. */
const mirrors: Readonly<Record<string, (place: number, extent: number) => number>> = {
  edge: (place, extent) => Math.min(Math.max(place, 0), extent - 1),
  reflect: (place, extent) => {
    const period = Math.max(1, 2 * (extent - 1));
    const folded = ((place % period) + period) % period;
    return Math.min(folded, period - folded);
  },
};

/** Crops what was padded; in the mirrored modes what was copied adds up where it came from. */
const pad: Rule = (context) => {
  const { g, node, inputs, outputs, gradients, needs } = context;
  const dy = gradients[0]!;
  const pads = constantInput(context, 1)!;
  const mirror = mirrors[attribute(node, "mode", "constant")];
  if (mirror) {
    const extents = staticShape(inputs[0]!);
    const gradient = extents.reduce((part, extent, axis) => {
      const map = axisMap(staticShape(outputs[0]!)[axis]!, extent, (output) => [
        [mirror(output - pads[axis]!, extent), 1],
      ]);
      return alongAxis(g, part, axis, transposed(map));
    }, dy);
    return [gradient];
  }
  const inner = op.pad(
    g,
    dy,
    pads.map((extra) => -extra),
  );
  const all = (value: Value): Value =>
    op.reduceSum(
      g,
      value,
      staticShape(value).map((_, axis) => axis),
    );
  return [
    inner,
    undefined,
    needs[2] ? op.reshape(g, op.sub(g, all(dy), all(inner)), staticShape(inputs[2]!)) : undefined,
  ];
};

/** Adds each row of `dy` to the row that it was read from. */
const gather: Rule = ({ g, node, inputs, gradients }) => {
  const [x, indices] = inputs as [Value, Value];
  const shape = staticShape(x);
  const axis = (attribute(node, "axis", 0) + shape.length) % shape.length;
  const rows = staticShape(indices).reduce((product, extent) => product * extent, 1);
  const updates = shape.with(axis, rows);
  const column = op.reshape(
    g,
    indices,
    shape.map((_, at) => (at === axis ? rows : 1)),
  );
  return [
    op.scatterElements(
      g,
      zeros(g, shape),
      op.expand(g, column, updates),
      op.reshape(g, gradients[0]!, updates),
      {
        axis,
        add: true,
      },
    ),
  ];
};

const gatherElements: Rule = ({ g, node, inputs, gradients }) => {
  const [x, indices] = inputs as [Value, Value];
  const add = { axis: attribute(node, "axis", 0), add: true };
  return [op.scatterElements(g, zeros(g, staticShape(x)), indices, gradients[0]!, add)];
};

/** Added elements are read back where they went; a written-over element has no part in the result. */
const scatterElements: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [, indices, updates] = inputs as [Value, Value, Value];
  const dy = gradients[0]!;
  const axis = attribute(node, "axis", 0);
  const added = attribute(node, "reduction", "none") === "add";
  const kept = (): Value =>
    added ? dy : op.scatterElements(g, dy, indices, zeros(g, staticShape(updates)), { axis });
  return [
    needs[0] ? kept() : undefined,
    undefined,
    needs[2] ? op.gatherElements(g, dy, indices, axis) : undefined,
  ];
};

export const indexing: Ruleset = {
  Gather: gather,
  GatherElements: gatherElements,
  Pad: pad,
  ScatterElements: scatterElements,
  Slice: slice,
};
