import * as op from "../../../../graph/operators/index.ts";
import { einstein } from "../einstein.ts";
import { lastAxesSwapped } from "../layers/attention.ts";
import type { LayerRule } from "../layers/layer.ts";

/** TensorFlow may turn either side before; to real numbers, adjoint is the same. */
export const matMul: LayerRule = (call) => {
  const { g, order, inputs, settings, refuse } = call;
  if (inputs.length !== 2) throw refuse(`is called with ${inputs.length} tensors; it takes 2.`);
  const [a, b] = inputs.map((x, at) => {
    const held = order.keras(x);
    const turned = ["transpose", "adjoint"].some((word) => settings.flag(`${word}_${at ? "b" : "a"}`, false));
    return turned ? lastAxesSwapped(g, held) : held;
  });
  const shapes = [a!, b!].map(({ shape }) => shape!);
  const [left, right] = shapes;
  // A matrix or a stack of them, of one batch.
  const fit = left!.length === right!.length && left!.length > 2 && left!.at(-1) === right!.at(-2);
  const stacked = left!.slice(0, -2).every((extent, axis) => extent === right![axis]);
  if (!fit || !stacked)
    throw refuse(
      `multiplies ${shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ")}, which do not fit each other.`,
    );
  return order.hold(op.matMul(g, a!, b!));
};

export const einsum: LayerRule = (call) => {
  const { order, inputs, settings } = call;
  const tensors = inputs.map((x) => order.keras(x));
  return order.hold(einstein(call, String(settings.of("subscripts")), tensors));
};
