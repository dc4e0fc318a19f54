import { scalar } from "../../../../base/tensor.ts";
import type { GraphBuilder } from "../../../../graph/builder.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { axesOf, axisOf, type LayerCall, type LayerRule, type LayerRules } from "./layer.ts";
import { unitLength } from "./normalization.ts";

/** @throws UserError unless it is called with at least `least` tensors, and at most `most` */
function several({ inputs, refuse }: LayerCall, least: number, most = Number.POSITIVE_INFINITY): Value[] {
  if (inputs.length < least || inputs.length > most)
    throw refuse(
      `is called with ${inputs.length} tensors; it takes ${least === most ? least : `${least} or more`}.`,
    );
  return [...inputs];
}

/** The tensors with as many axes each: as Keras does, new ones come right after the batch. */
function leveled(call: LayerCall, tensors: readonly Value[]): Value[] {
  const { g, order } = call;
  const rank = Math.max(...tensors.map(({ shape }) => shape!.length));
  return tensors.map((x) => {
    const missing = rank - x.shape!.length;
    if (missing === 0) return x;
    const [n, ...rest] = order.shape(x);
    return order.hold(op.reshape(g, order.keras(x), [n!, ...new Array<number>(missing).fill(1), ...rest]));
  });
}

/** @throws UserError when the shapes do not broadcast */
function elementwise(call: LayerCall, tensors: readonly Value[], write: (tensors: Value[]) => Value): Value {
  const level = leveled(call, tensors);
  try {
    level.map(({ shape }) => shape!).reduce(op.broadcastShape);
  } catch {
    const shapes = tensors.map((x) => `[${call.order.shape(x).join(", ")}]`);
    throw call.refuse(`is called with tensors of ${shapes.join(" and ")}, which do not fit each other.`);
  }
  return write(level);
}

const fold =
  (write: (g: GraphBuilder, a: Value, b: Value) => Value, most?: number): LayerRule =>
  (call) =>
    elementwise(call, several(call, most ?? 1, most), (tensors) =>
      tensors.reduce((total, x) => write(call.g, total, x)),
    );

const average: LayerRule = (call) =>
  elementwise(call, several(call, 1), (tensors) => {
    const total = tensors.reduce((sum, x) => op.add(call.g, sum, x));
    return op.mul(call.g, total, call.g.constant(scalar(1 / tensors.length)));
  });

/** Inception-ResNet's: what went around a block, and `scale` times what came out of it. */
const customScale: LayerRule = (call) => {
  const { g, settings } = call;
  const scale = g.constant(scalar(settings.number("scale")));
  return elementwise(call, several(call, 2, 2), ([x, residual]) =>
    op.add(g, x!, op.mul(g, residual!, scale)),
  );
};

const concatenate: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const tensors = several(call, 1);
  const rank = tensors[0]!.shape!.length;
  const axis = axisOf(settings.of("axis") ?? -1, rank, refuse);
  const held = order.axis(axis, rank);
  const rest = (x: Value): string => x.shape!.toSpliced(held, 1).join();
  if (tensors.some((x) => x.shape!.length !== rank || rest(x) !== rest(tensors[0]!)))
    throw refuse(
      `is called with tensors of ${tensors.map((x) => `[${order.shape(x).join(", ")}]`).join(" and ")}, which differ beside axis ${axis}.`,
    );
  return op.concat(g, tensors, held);
};

/** The product along an axis of each of two tensors: the first's other axes, then the second's. */
const dot: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const tensors = several(call, 2, 2).map((x) => order.keras(x)) as [Value, Value];
  const given = [settings.of("axes")].flat();
  const [first, second] = tensors.map((x, at) =>
    axesOf(given.length > 1 ? given[at] : given[0], x.shape!.length, refuse),
  );
  const axes = [first![0]!, second![0]!] as const;
  const [a, b] = tensors.map((x, at) =>
    settings.flag("normalize", false) ? unitLength(g, x, [axes[at]!], 1e-6) : x,
  ) as [Value, Value];
  if (a.shape![axes[0]] !== b.shape![axes[1]])
    throw refuse(
      `multiplies along axes of ${a.shape![axes[0]]} and ${b.shape![axes[1]]}, which must be equal.`,
    );
  const letters = "bcdefghijklm";
  const left = letters.slice(1, a.shape!.length);
  const right = letters.slice(a.shape!.length, a.shape!.length + b.shape!.length - 1);
  const without = (names: string, axis: number): string => names.slice(0, axis - 1) + names.slice(axis);
  const named = (names: string, axis: number): string => `${names.slice(0, axis - 1)}z${names.slice(axis)}`;
  const rest = without(left, axes[0]) + without(right, axes[1]);
  const equation = `b${named(left, axes[0])},b${named(right, axes[1])}->b${rest}`;
  const y = op.einsum(g, equation, a, b);
  return order.hold(rest === "" ? op.unsqueeze(g, y, [1]) : y);
};

export const mergers: LayerRules = {
  Add: fold(op.add),
  Average: average,
  Concatenate: concatenate,
  CustomScaleLayer: customScale,
  Dot: dot,
  Maximum: fold((g, a, b) => op.max(g, a, b)),
  Minimum: fold((g, a, b) => op.min(g, a, b)),
  Multiply: fold(op.mul),
  Subtract: fold(op.sub, 2),
};
