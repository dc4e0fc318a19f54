import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { shown } from "../../settings.ts";
import { axesOf, axisOf, type LayerCall, type LayerRule, type LayerRules } from "../layers/layer.ts";
import { completed } from "../layers/reshaping.ts";
import { MOST_LAYERS } from "../saved-layers.ts";
import { constantOf, tensorOf } from "./arguments.ts";

/** The batch, whatever is said of it, stays. */
const reshape: LayerRule = (call) => {
  const { g, order, refuse } = call;
  const x = order.keras(tensorOf(call));
  const [n, ...extents] = x.shape!;
  const [, ...asked] = [constantOf(call, 1, "shape") ?? constantOf(call, 1, "newshape")].flat();
  return order.hold(op.reshape(g, x, [n!, ...completed(asked, extents as number[], refuse)]));
};

/** @throws UserError unless `axes` names each axis once, the batch first */
function permuted({ g, order, refuse }: LayerCall, x: Value, axes: readonly unknown[]): Value {
  const inOrder = x.shape!.map((_, axis) => axis);
  if (axes[0] !== 0 || axes.length !== inOrder.length || !inOrder.every((axis) => axes.includes(axis)))
    throw refuse(
      `gives its axes the order ${shown(axes)}, in which the batch must be first and each come once.`,
    );
  return order.hold(op.transpose(g, order.keras(x), axes as number[]));
}

const transpose: LayerRule = (call) =>
  permuted(call, tensorOf(call), [constantOf(call, 1, "axes") ?? constantOf(call, 1, "perm")].flat());

const swapAxes: LayerRule = (call) => {
  const x = tensorOf(call);
  const rank = x.shape!.length;
  const [a, b] = ["axis1", "axis2"].map((name, at) =>
    axisOf(constantOf(call, at + 1, name), rank, call.refuse),
  );
  return permuted(
    call,
    x,
    x.shape!.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  );
};

const expandDims: LayerRule = (call) => {
  const { g, order, refuse } = call;
  const x = order.keras(tensorOf(call));
  const given = [constantOf(call, 1, "axis")].flat();
  return order.hold(op.unsqueeze(g, x, axesOf(given, x.shape!.length + given.length, refuse)));
};

const squeeze: LayerRule = (call) => {
  const { g, order, refuse } = call;
  const x = order.keras(tensorOf(call));
  const axes = axesOf(constantOf(call, 1, "axis"), x.shape!.length, refuse);
  const long = axes.find((axis) => x.shape![axis] !== 1);
  if (long !== undefined) throw refuse(`leaves out axis ${long}, which has ${x.shape![long]} places.`);
  return order.hold(op.squeeze(g, x, axes));
};

const stack: LayerRule = (call) => {
  const { g, order, inputs, refuse } = call;
  const tensors = inputs.map((x) => order.keras(x));
  const shapes = tensors.map(({ shape }) => `[${shape!.join(", ")}]`);
  if (new Set(shapes).size !== 1)
    throw refuse(`stacks tensors of ${shapes.join(" and ")}, which must be alike.`);
  const axis = axisOf(constantOf(call, 1, "axis"), tensors[0]!.shape!.length + 1, refuse);
  return order.hold(
    op.concat(
      g,
      tensors.map((x) => op.unsqueeze(g, x, [axis])),
      axis,
    ),
  );
};

/** Into equal parts, or by where Keras cuts, or by the sizes that TensorFlow is given. */
const split: LayerRule = (call) => {
  const { g, order, refuse } = call;
  const x = tensorOf(call);
  const rank = x.shape!.length;
  const axis = order.axis(axisOf(constantOf(call, 2, "axis"), rank, refuse), rank);
  const extent = x.shape![axis] as number;
  const sizes = constantOf(call, 1, "num_or_size_splits");
  const asked = sizes ?? constantOf(call, 1, "indices_or_sections");
  const unfit = (): Error => refuse(`splits ${extent} places by ${shown(asked)}, which does not part them.`);
  const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
  const list = [asked].flat();
  if (!list.every(whole)) throw unfit();
  if (!Array.isArray(asked)) {
    const part = extent / list[0]!;
    if (!whole(part) || list[0]! > MOST_LAYERS) throw unfit();
    return op.split(g, x, new Array<number>(list[0]!).fill(part), axis);
  }
  const parts = sizes ? list : [...list, extent].map((end, at) => end - (list[at - 1] ?? 0));
  if (!parts.every(whole) || parts.reduce((sum, part) => sum + part, 0) !== extent) throw unfit();
  return op.split(g, x, parts, axis);
};

/** What goes out at one end of an axis comes in at the other. */
const roll: LayerRule = (call) => {
  const { g, order, refuse } = call;
  const x = tensorOf(call);
  const rank = x.shape!.length;
  const axes = axesOf(constantOf(call, 2, "axis"), rank, refuse).map((axis) => order.axis(axis, rank));
  const shifts = [constantOf(call, 1, "shift")].flat();
  if (shifts.length !== axes.length || !shifts.every(Number.isSafeInteger))
    throw refuse(`rolls ${axes.length} axes by ${shown(shifts)}.`);
  return axes.reduce((y, axis, at) => {
    const extent = y.shape![axis] as number;
    const shift = (((shifts[at] as number) % extent) + extent) % extent;
    if (shift === 0) return y;
    const [kept, over] = op.split(g, y, [extent - shift, shift], axis) as [Value, Value];
    return op.concat(g, [over, kept], axis);
  }, x);
};

/** A number around the places. */
const pad: LayerRule = (call) => {
  const { g, order, refuse } = call;
  const x = tensorOf(call);
  const rank = x.shape!.length;
  const width = constantOf(call, 1, "pad_width") ?? constantOf(call, 1, "paddings");
  const mode = constantOf(call, 2, "mode") ?? "constant";
  const value = constantOf(call, 3, "constant_values") ?? 0;
  if (String(mode).toLowerCase() !== "constant" || typeof value !== "number")
    throw refuse(`pads with ${shown(mode)}, which is not known here; pad with a number.`);
  const sides = Array.isArray(width) ? width.flat() : [];
  const [before, after] = sides;
  const counts = sides.every((count) => Number.isSafeInteger(count) && count >= 0);
  if (sides.length !== 2 * rank || !counts || before !== 0 || after !== 0)
    throw refuse(
      `pads by ${shown(width)}; two numbers of places for each of ${rank} axes are needed, none for the batch.`,
    );
  const pads = new Array<number>(2 * rank);
  for (let axis = 0; axis < rank; axis++) {
    const held = order.axis(axis, rank);
    [pads[held], pads[held + rank]] = [sides[2 * axis], sides[2 * axis + 1]];
  }
  return op.pad(g, x, pads, value);
};

export const movers: LayerRules = {
  expanddims: expandDims,
  pad,
  reshape,
  roll,
  split,
  squeeze,
  stack,
  swapaxes: swapAxes,
  transpose,
};
