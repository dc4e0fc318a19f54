import { attribute } from "../../../autodiff/rule.ts";
import type { NodeCall, NodeRule, NodeRules } from "../call.ts";
import { channelsLast, type Held, inGraphOrder } from "../held.ts";
import { withConstant } from "./scaling.ts";

/** What holds each input; undefined for the constants. */
const partsOf = (call: NodeCall): (Held | undefined)[] => call.node.inputs.map((_, at) => call.held(at));

const isHeld = (part: Held | undefined): part is Held => part !== undefined;

/** Values of as many axes in one order. */
function alike(call: NodeCall, parts: readonly Held[]): Held[] {
  if (new Set(parts.map(({ shape }) => shape.length)).size > 1)
    throw call.refuse("brings together values of different ranks");
  const ordered = parts[0]!.shape.length === 3 ? channelsLast : inGraphOrder;
  return parts.map((part) => ordered(part, call.move));
}

/** Arithmetic of values, or of one and a constant. @param type the layer that does it with values, if there is one */
const elementwise =
  (type?: string): NodeRule =>
  (call) => {
    const parts = partsOf(call);
    if (type && parts.every(isHeld)) {
      const held = alike(call, parts);
      return { layer: call.layer(type, held, {}), shape: call.shape, order: held[0]!.order };
    }
    const constant = parts.findIndex((part) => !isHeld(part));
    const number = constant < 0 ? undefined : call.constant(constant);
    if (!number || parts.length !== 2) throw call.refuse("works on values as no layer of Keras's does");
    return withConstant(call, parts[1 - constant]!, number, constant === 0);
  };

const concatenation: NodeRule = (call) => {
  const parts = partsOf(call);
  if (!parts.every(isHeld)) throw call.refuse("joins a constant to others");
  const held = alike(call, parts);
  const { order, shape } = held[0]!;
  const given = attribute(call.node, "axis", 1);
  const axis = given < 0 ? given + shape.length + 1 : given;
  if (axis === 0) throw call.refuse("joins the pictures of a batch");
  const kerasAxis = order.kind === "channels last" ? [3, 1, 2][axis - 1] : axis;
  return { layer: call.layer("Concatenate", held, { axis: kerasAxis }), shape: call.shape, order };
};

export const merges: NodeRules = {
  Add: elementwise("Add"),
  Concat: concatenation,
  Div: elementwise(),
  Max: elementwise("Maximum"),
  Min: elementwise("Minimum"),
  Mul: elementwise("Multiply"),
  Sub: elementwise(),
  Sum: elementwise("Add"),
};
