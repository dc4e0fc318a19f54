import { UserError } from "../../base/errors.ts";
import { sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { zeros } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";
import { poolWindowOf } from "../window.ts";

/** `dy` laid at the places that `indices` name in zeros of `shape`; where windows overlap a place may be named twice. */
function putBack(
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

/** Each window's gradient goes to its first maximum, as in the frameworks; overlapping windows add up. */
const maxPool: Rule = ({ g, node, inputs, outputs, gradients }) => {
  if (attribute(node, "storage_order", 0))
    throw new UserError(
      `MaxPool (node "${node.name}") counts its indices by columns (storage_order 1); export the model with rows (0).`,
    );
  const x = inputs[0]!;
  const indices = g.output(node, 1, "int64", outputs[0]!.shape);
  const { kernel, strides, dilations } = poolWindowOf(node, x);
  const overlapping = kernel.some((size, axis) => (size - 1) * dilations[axis]! + 1 > strides[axis]!);
  return [putBack(g, gradients[0]!, indices, staticShape(x), overlapping)];
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
