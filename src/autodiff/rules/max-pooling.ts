import { UserError } from "../../base/errors.ts";
import { sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { zeros } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";
import { poolWindowOf } from "../window.ts";

/** `dy` laid at the places that `indices` name in zeros of `shape`; where windows overlap a place may be named twice. */
export function putBack(
  g: GraphBuilder,
  dy: Value,
  indices: Value,
  shape: readonly number[],
  overlapping: boolean,
): Value {
  // Measured: MaxUnpool takes about half of ScatterElements' time, but only the latter can add.
  if (!overlapping) return op.maxUnpool(g, dy, indices, shape);
  const [size, places] = [sizeOf(shape), sizeOf(staticShape(dy))];
  const [flatIndices, updates] = [op.reshape(g, indices, [places]), op.reshape(g, dy, [places])];
  return op.reshape(g, op.scatterElements(g, zeros(g, [size]), flatIndices, updates, { add: true }), shape);
}

/** Where a MaxPool found each window's maximum, the first of several, as places in all of its input. */
export function maximaOf(g: GraphBuilder, node: Node): Value {
  if (attribute(node, "storage_order", 0))
    throw new UserError(
      `MaxPool (node "${node.name}") counts its indices by columns (storage_order 1); export the model with rows (0).`,
    );
  return g.output(node, 1, "int64", g.value(node.outputs[0]!).shape);
}

/** Whether windows of a MaxPool on `x` have places in common. */
export function overlap(node: Node, x: Value): boolean {
  const { kernel, strides, dilations } = poolWindowOf(node, x);
  return kernel.some((size, axis) => (size - 1) * dilations[axis]! + 1 > strides[axis]!);
}

/** Each window's gradient goes to its first maximum, as in the frameworks; overlapping windows add up. */
const maxPool: Rule = ({ g, node, inputs, gradients }) => {
  const x = inputs[0]!;
  return [putBack(g, gradients[0]!, maximaOf(g, node), staticShape(x), overlap(node, x))];
};

/** To the first maximum of each channel. */
const globalMaxPool: Rule = ({ g, inputs, gradients }) => {
  const x = inputs[0]!;
  const [, indices] = op.maxPoolWithIndices(g, x, staticShape(x).slice(2));
  return [putBack(g, gradients[0]!, indices, staticShape(x), false)];
};

export const maxPooling: Ruleset = {
  GlobalMaxPool: globalMaxPool,
  MaxPool: maxPool,
  // Their own adjoint reads where they wrote.
  MaxUnpool: ({ g, inputs, gradients }) => {
    const [x, indices] = inputs as [Value, Value];
    const dy = gradients[0]!;
    const places = sizeOf(staticShape(x));
    const read = op.gatherElements(
      g,
      op.reshape(g, dy, [sizeOf(staticShape(dy))]),
      op.reshape(g, indices, [places]),
    );
    return [op.reshape(g, read, staticShape(x))];
  },
};
