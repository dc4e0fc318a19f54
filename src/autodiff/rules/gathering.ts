import { int64, sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { zeros } from "../broadcast.ts";
import { fixedNumbers } from "../constants.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** Adds each row of `dy` to the row that it was read from; a run of neighbours is put back among zeros. */
const gather: Rule = (context) => {
  const { g, node, inputs, gradients } = context;
  const [x, indices] = inputs as [Value, Value];
  const shape = staticShape(x);
  const axis = (attribute(node, "axis", 0) + shape.length) % shape.length;
  const count = sizeOf(staticShape(indices));
  const rows = op.reshape(g, gradients[0]!, shape.with(axis, count));
  const fixed = fixedNumbers(context, 1) ?? [];
  const [first] = op.positiveAxes(fixed.slice(0, 1), shape[axis]!);
  const after = shape[axis]! - count - (first ?? 0);
  if (first !== undefined && after >= 0 && fixed.every((place, at) => place === fixed[0]! + at)) {
    const none = shape.map(() => 0);
    return [op.pad(g, rows, [...none.with(axis, first), ...none.with(axis, after)])];
  }
  return [addRows(g, shape, axis, op.reshape(g, indices, [count]), rows)];
};

/**
 * Zeros of `shape` with `rows` added at `indices` `[K]` along `axis`. By ScatterElements, which adds in order: ScatterND
 * adds with several threads at once, and loses some where an index occurs twice.
 */
function addRows(
  g: GraphBuilder,
  shape: readonly number[],
  axis: number,
  indices: Value,
  rows: Value,
): Value {
  const [count] = staticShape(indices) as [number];
  const column = op.reshape(
    g,
    indices,
    shape.map((_, at) => (at === axis ? count : 1)),
  );
  const spread = op.expand(g, column, shape.with(axis, count));
  return op.scatterElements(g, zeros(g, shape), spread, rows, { axis, add: true });
}

const gatherElements: Rule = ({ g, node, inputs, gradients }) => {
  const [x, indices] = inputs as [Value, Value];
  const add = { axis: attribute(node, "axis", 0), add: true };
  return [op.scatterElements(g, zeros(g, staticShape(x)), indices, gradients[0]!, add)];
};

/** As for Gather, over the rows of all axes that the indices name, counted through. */
const gatherNd: Rule = ({ g, node, inputs, gradients }) => {
  const [x, indices] = inputs as [Value, Value];
  const shape = staticShape(x);
  const listed = staticShape(indices);
  const batchAxes = attribute(node, "batch_dims", 0);
  const named = shape.slice(batchAxes, batchAxes + listed.at(-1)!);
  const [places, batch] = [sizeOf(named), sizeOf(shape.slice(0, batchAxes))];
  const count = sizeOf(listed.slice(0, -1));
  const inner = sizeOf(shape.slice(batchAxes + named.length));

  const constant = (dims: readonly number[], values: readonly number[]): Value =>
    g.constant(int64(dims, values));
  const negative = op.less(g, indices, constant([], [0]));
  const forward = op.where(g, negative, op.add(g, indices, constant([named.length], named)), indices);
  const strides = named.map((_, axis) => sizeOf(named.slice(axis + 1)));
  const place = op.reduceSum(g, op.mul(g, forward, constant([named.length], strides)), [-1]);
  const begins = constant(
    [batch, 1],
    Array.from({ length: batch }, (_, at) => at * places),
  );
  const rows = op.reshape(g, op.add(g, op.reshape(g, place, [batch, count / batch]), begins), [count]);
  const updates = op.reshape(g, gradients[0]!, [count, inner]);
  return [op.reshape(g, addRows(g, [batch * places, inner], 0, rows, updates), shape)];
};

/** The chosen values' gradients go where the values were; each place is chosen once at most. */
const topK: Rule = ({ g, node, inputs, outputs, gradients }) => {
  const indices = g.output(node, 1, "int64", outputs[0]!.shape);
  const axis = attribute(node, "axis", -1);
  return [op.scatterElements(g, zeros(g, staticShape(inputs[0]!)), indices, gradients[0]!, { axis })];
};

export const gathering: Ruleset = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  TopK: topK,
};
