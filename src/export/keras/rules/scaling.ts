import { attribute } from "../../../autodiff/rule.ts";
import { sizeOf } from "../../../base/tensor.ts";
import {
  byChannel,
  type NodeCall,
  type NodeRule,
  type NodeRules,
  weightAt,
  withChannelsLast,
} from "../call.ts";
import type { Held } from "../held.ts";
import { filled, mapped, type Weight } from "../keras-layer.ts";

const batchNormalization: NodeRule = (call) => {
  const x = withChannelsLast(call);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((at) => weightAt(call, at));
  const weights = { gamma: gamma!, beta: beta!, moving_mean: mean!, moving_variance: variance! };
  const config = { axis: -1, epsilon: attribute(call.node, "epsilon", 1e-5) };
  return { ...x, layer: call.layer("BatchNormalization", [x], config, weights) };
};

export const scalings: NodeRules = { BatchNormalization: batchNormalization };

/** Arithmetic with a constant as `scale · x + offset`; undefined where it is none. */
type Affine = (constant: number, comesFirst: boolean) => readonly [scale: number, offset: number] | undefined;

const affine: Readonly<Record<string, Affine>> = {
  Add: (constant) => [1, constant],
  Div: (constant, comesFirst) => (comesFirst ? undefined : [1 / constant, 0]),
  Mul: (constant) => [constant, 0],
  Sub: (constant, comesFirst) => (comesFirst ? [-1, constant] : [1, -constant]),
};

/** Arithmetic of a value and a constant: one number for all, or one for each channel. */
export function withConstant(call: NodeCall, x: Held, constant: Weight, comesFirst: boolean): Held {
  const change = affine[call.op];
  if (!change?.(1, comesFirst)) throw call.refuse("has a constant in it");
  if (sizeOf(constant.shape) === 1) {
    const [scale, offset] = change(constant.read().data[0]!, comesFirst)!;
    return { ...x, layer: call.layer("Rescaling", [x], { scale, offset }) };
  }
  const numbers = byChannel(x, constant);
  if (!numbers)
    throw call.refuse(`has a constant [${constant.shape.join(", ")}] in it, not a number for each channel`);
  const part = (at: 0 | 1): Weight => mapped(numbers, (number) => change(number, comesFirst)![at]);
  // A normalization that measured nothing: mean 0, and a variance that is 1 with epsilon.
  const weights = {
    gamma: part(0),
    beta: part(1),
    moving_mean: filled(x.shape[0]!, 0),
    moving_variance: filled(x.shape[0]!, 0.5),
  };
  const config = { axis: -1, epsilon: 0.5, trainable: false };
  const last = withChannelsLast(call, x);
  return { ...last, layer: call.layer("BatchNormalization", [last], config, weights) };
}
