import type { UserError } from "../../../../base/errors.ts";
import type { GraphBuilder } from "../../../../graph/builder.ts";
import type { Value } from "../../../../graph/graph.ts";
import type { KerasObject } from "../../saved-model.ts";
import { type Settings, shown } from "../../settings.ts";
import type { Order } from "../order.ts";
import type { Turn } from "../weight.ts";

/**
 * Who made the model. TensorFlow.js's own layers follow Keras 2, but for how they resize; models that were converted for it are the
 * maker's.
 */
export type Dialect = "Keras 2" | "Keras 3" | "TensorFlow.js";

/** What a layer is called with: tensors, or what stands in the file. */
export type Argument =
  | { readonly kind: "tensor"; readonly value: Value }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "constant"; readonly value: unknown };

/** One call of a layer, for its rule to write the nodes of. Tensors go in and out as `order` holds them. */
export interface LayerCall {
  readonly g: GraphBuilder;
  readonly order: Order;
  readonly dialect: Dialect;
  /** Those of the layer, and what this call says by name. */
  readonly settings: Settings;
  /** All tensors that it is called with, in order. */
  readonly inputs: readonly Value[];
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
  /**
   * The layer's next weight, which must have `shape`; `turn` says how it stands in the graph.
   * @throws UserError when it is missing or has another shape
   */
  weight(role: string, shape: readonly number[], turn?: Turn): Value;
  /** The same of a weight that is measured of the training data, and that no step changes. */
  statistic: LayerCall["weight"];
  /** Passes over the layer's other weights, which training alone needs. */
  skipRest(): void;
  /** Calls a layer inside of this one, with the weights that this one has. */
  inner(layer: KerasObject, inputs: readonly Value[]): Value;
  /** The sentence that begins with the file and the layer. */
  refuse(why: string): UserError;
}

/** Gives the layer's output; several where an operation does. */
export type LayerRule = (call: LayerCall) => Value | Value[];
export type LayerRules = Readonly<Record<string, LayerRule>>;

/**
 * The only tensor that the layer is called with.
 * @param ranks how many axes it may have, the batch with them; any if none are given
 * @throws UserError when there are more, or it has another number of axes
 */
export function only({ inputs, refuse }: Pick<LayerCall, "inputs" | "refuse">, ...ranks: number[]): Value {
  const [x, ...others] = inputs;
  if (!x || others.length > 0) throw refuse(`is called with ${inputs.length} tensors; it takes one.`);
  const rank = x.shape!.length;
  if (ranks.length > 0 && !ranks.includes(rank))
    throw refuse(`is called with a tensor of ${rank} axes; it takes ${ranks.join(" or ")}.`);
  return x;
}

/** An axis of the layer's own, counted from the front in Keras's order; the batch is none. */
export function axisOf(axis: unknown, rank: number, refuse: LayerCall["refuse"]): number {
  const place = typeof axis === "number" && axis < 0 ? axis + rank : axis;
  if (!Number.isSafeInteger(place) || (place as number) < 1 || (place as number) >= rank)
    throw refuse(`has axis ${shown(axis)}, which a tensor of ${rank} axes has not beside the batch.`);
  return place as number;
}

/** The same of a number or a list of numbers, each another axis. */
export function axesOf(axes: unknown, rank: number, refuse: LayerCall["refuse"]): number[] {
  const places = [axes].flat().map((axis) => axisOf(axis, rank, refuse));
  if (new Set(places).size < places.length)
    throw refuse(`has axes ${shown(axes)}, of which two are the same.`);
  return places;
}

/** How a weight stands in the graph that broadcasts to a tensor of `rank` axes along Keras's `axes`, its own in their order. */
export function along(order: Order, rank: number, axes: readonly number[], shape: readonly number[]): Turn {
  const held = axes.map((axis) => order.axis(axis, rank));
  const extents = new Array<number>(rank).fill(1);
  held.forEach((place, at) => {
    extents[place] = shape[at]!;
  });
  return { permutation: [...held.keys()].sort((a, b) => held[a]! - held[b]!), shape: extents };
}
