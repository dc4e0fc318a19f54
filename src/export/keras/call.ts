import type { UserError } from "../../base/errors.ts";
import { sizeOf } from "../../base/tensor.ts";
import type { Graph, Value } from "../../graph/graph.ts";
import { channelsLast, type Held, inGraphOrder, type Move } from "./held.ts";
import { reshaped, type Weight } from "./keras-layer.ts";
import type { Unit } from "./unit.ts";

/** What a rule works with: a node, what holds its inputs, and where its layers go. */
export interface NodeCall extends Unit {
  /** With static shapes, the batch one picture. */
  readonly graph: Graph;
  /** Extents of the output, the batch left out. */
  readonly shape: readonly number[];
  /** What holds an input; undefined for a constant. */
  held(at: number): Held | undefined;
  /** A constant, which is an input or goes by a name; undefined for what is none, or not of float32. */
  constant(which: number | string): Weight | undefined;
  /** Adds the layer that bears the unit's name. @returns its name */
  layer(
    type: string,
    from: readonly Held[],
    config: Readonly<Record<string, unknown>>,
    weights?: Readonly<Record<string, Weight>>,
  ): string;
  readonly move: Move;
  /** @param why a clause about the layer, such as "is dilated" */
  refuse(why: string): UserError;
}

/** Writes the layers of a unit; what it returns holds the unit's output. */
export type NodeRule = (call: NodeCall) => Held;
export type NodeRules = Readonly<Record<string, NodeRule>>;

/** The first input as the graph knows it. */
export const inputValue = ({ graph, node }: NodeCall): Value => graph.values.get(node.inputs[0]!)!;

/** What holds the first input. */
export function only(call: NodeCall): Held {
  const x = call.held(0);
  if (!x) throw call.refuse("works on a constant");
  return x;
}

/** The first input as maps with channels last. */
export function maps(call: NodeCall): Held {
  const x = only(call);
  if (x.shape.length !== 3) throw call.refuse(`takes [${x.shape.join(", ")}], not maps [C, H, W]`);
  return channelsLast(x, call.move);
}

/** Maps or a row with the axis at the end that the graph has behind the batch. */
export function withChannelsLast(call: NodeCall, x: Held = only(call)): Held {
  if (x.shape.length === 1) return inGraphOrder(x, call.move);
  if (x.shape.length !== 3) throw call.refuse(`takes [${x.shape.join(", ")}], neither maps nor a row`);
  return channelsLast(x, call.move);
}

/** A constant that a layer's weights are made of. */
export function weightAt(call: NodeCall, which: number | string): Weight {
  const weight = call.constant(which);
  if (!weight) throw call.refuse("has weights that the graph computes");
  return weight;
}

/** A constant that has a number for each channel and broadcasts to the value, as these numbers; undefined where it is none. */
export function byChannel(x: Held, constant: Weight): Weight | undefined {
  const channels = x.shape[0]!;
  // Broadcasting lines extents up from the last on.
  const along = constant.shape.at(-x.shape.length);
  return sizeOf(constant.shape) === channels && along === channels
    ? reshaped(constant, [channels])
    : undefined;
}
