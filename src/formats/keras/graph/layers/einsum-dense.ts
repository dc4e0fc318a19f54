import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { shown } from "../../settings.ts";
import { activate } from "../activations.ts";
import { einstein } from "../einstein.ts";
import { type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

/**
 * `x` times a kernel by an equation such as `abc,cde->abde`, plus a bias. The kernel's extents are those of the tensor where it shares
 * an axis with it, else of `output_shape`, which leaves out the batch and what an ellipsis stands for.
 */
const einsumDense: LayerRule = (call) => {
  const { order, settings, refuse } = call;
  const x = order.keras(only(call));
  const equation = String(settings.of("equation")).replaceAll(" ", "");
  const [, before = "", input = "", kernel = "", output = ""] =
    /^(\.{3})?([a-z]+)(?:\.{3})?,([a-z]+)->(?:\.{3})?([a-z]+)(?:\.{3})?$/i.exec(equation) ?? [];
  const asked = [settings.of("output_shape")].flat();
  const leading = x.shape!.length - input.length;
  const extents = [...kernel].map((label) => {
    const [from, to] = [input.indexOf(label), output.indexOf(label)];
    return from >= 0 ? x.shape![before ? from + leading : from] : asked[before ? to : to - 1];
  });
  if (kernel === "" || !extents.every((extent) => Number.isSafeInteger(extent) && (extent as number) > 0))
    throw refuse(
      `has the equation ${shown(settings.of("equation"))} and output_shape ${shown(asked)}, which do not say its kernel's shape.`,
    );
  const y = einstein(call, equation, [x, call.weight("kernel", extents as number[])]);
  const shift = before ? y.shape!.length - output.length : 0;
  const labels = y.shape!.map((_, axis) => output[axis - shift] ?? ELLIPSIS);
  return activate(call, order.hold(biased(call, y, labels)), settings.of("activation"));
};

const ELLIPSIS = ".";

/** With a bias along `bias_axes`, if it has one; along the axes behind the first of them it is the same. */
function biased({ g, settings, weight }: LayerCall, y: Value, labels: readonly string[]): Value {
  const axes = settings.of("bias_axes");
  if (typeof axes !== "string") return y;
  const first = labels.findIndex((label) => axes.includes(label));
  const shape = y.shape!.map((extent, axis) => (axes.includes(labels[axis]!) ? (extent as number) : 1));
  return op.add(g, y, weight("bias", shape.slice(first)));
}

export const einsumLayers: LayerRules = {
  EinsumDense: einsumDense,
};
