import { attribute } from "../../../autodiff/rule.ts";
import { type NodeCall, type NodeRule, type NodeRules, only, weightAt } from "../call.ts";
import { GRAPH, type Held, inGraphOrder } from "../held.ts";
import { mapped, reshaped, turned, type Weight } from "../keras-layer.ts";
import { biasOf } from "./convolution.ts";

/** Kernels `[in, units]`; their rows follow the places of maps that were laid in a row. */
function dense(call: NodeCall, kernel: Weight, bias: { readonly bias?: Weight }): Held {
  if (kernel.shape.length !== 2) throw call.refuse(`multiplies by [${kernel.shape.join(", ")}]`);
  const given = only(call);
  const maps = given.order.kind === "row" && given.shape.length === 1 ? given.order.maps : undefined;
  const x = maps ? given : inGraphOrder(given, call.move);
  const config = {
    units: kernel.shape[1],
    activation: call.activation ?? "linear",
    use_bias: bias.bias !== undefined,
  };
  const rows = maps ? placeByPlace(kernel, maps) : kernel;
  return {
    layer: call.layer("Dense", [x], config, { kernel: rows, ...bias }),
    shape: call.shape,
    order: GRAPH,
  };
}

/** Rows that go through the channels of each place instead of the places of each channel. */
function placeByPlace(kernel: Weight, [channels, height, width]: readonly [number, number, number]): Weight {
  if (channels === 1 || height * width === 1) return kernel;
  const byMap = reshaped(kernel, [channels, height, width, kernel.shape[1]!]);
  return turned(byMap, [1, 2, 0, 3], kernel.shape);
}

const scaled = (weight: Weight, factor: number): Weight =>
  factor === 1 ? weight : mapped(weight, (number) => factor * number);

const gemm: NodeRule = (call) => {
  const { node } = call;
  if (attribute(node, "transA", 0)) throw call.refuse("turns over its input");
  const weight = weightAt(call, 1);
  const kernel = attribute(node, "transB", 0) ? turned(weight, [1, 0]) : weight;
  const { bias } = biasOf(call, kernel.shape[1]!);
  // What was found behind the node is no part of its own sum.
  const beta = call.bias === undefined ? attribute(node, "beta", 1) : 1;
  return dense(call, scaled(kernel, attribute(node, "alpha", 1)), bias ? { bias: scaled(bias, beta) } : {});
};

const matMul: NodeRule = (call) => {
  const kernel = weightAt(call, 1);
  return dense(call, kernel, biasOf(call, kernel.shape.at(-1)!));
};

export const products: NodeRules = { Gemm: gemm, MatMul: matMul };
