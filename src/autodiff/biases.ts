import type { GraphBuilder } from "../graph/builder.ts";
import { type Node, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { perChannel, zeros } from "./broadcast.ts";
import { gradient } from "./gradient.ts";
import { number, scale } from "./pointwise.ts";
import { attribute, operatorOf } from "./rule.ts";
import { rules } from "./rules/index.ts";

/** Operators whose output grows with what changes among their inputs: `f(t x) = t f(x)` for t > 0. */
const homogeneous = new Set([
  ..."Neg Identity Dropout Cast CastLike CumSum ReduceSum ReduceMean ReduceMax ReduceMin Abs".split(" "),
  ..."Relu LeakyRelu AveragePool GlobalAveragePool MaxPool GlobalMaxPool".split(" "),
  ..."DepthToSpace Expand Flatten Reshape SpaceToDepth Split Squeeze Tile Transpose Unsqueeze".split(" "),
  ..."Gather GatherElements GatherND Slice Resize Trilu".split(" "),
]);

/** Those that are so if all that they read changes. */
const sums = new Set("Add Sub Sum Mean Max Min Concat Where".split(" "));

/** Those that are so if but one of their factors changes. */
const products = new Set("Mul MatMul PRelu com.microsoft.FusedMatMul".split(" "));

/**
 * What a node adds to what is linear in its inputs at these: `y − J x`, with `J` its derivatives by all inputs that change. It broadcasts
 * to `y`, the node's first output; undefined where it is nothing. The node must have a gradient rule.
 * @param changes whether a value depends on the picture
 */
export function biasOf(g: GraphBuilder, node: Node, changes: (name: string) => boolean): Value | undefined {
  const operator = operatorOf(node);
  const y = g.value(node.outputs[0]!);
  const isFloat = ({ dtype }: Value): boolean => dtype.startsWith("float");
  const floats = node.inputs.filter((name) => name && isFloat(g.value(name)));
  const changing = floats.filter(changes).length;
  if (!isFloat(y)) return undefined;
  // Made from truth values or whole numbers, which have no slope.
  if (changing === 0) return y;
  if (homogeneous.has(operator)) return undefined;
  if (sums.has(operator) && changing === floats.length) return undefined;
  if (products.has(operator) && changing === 1) return undefined;
  const first = changing === 1 && changes(node.inputs[0]!);
  if (operator === "Div" && first) return undefined;
  const own = first ? ownBiases[operator] : undefined;
  return own && !attribute(node, "training_mode", 0) ? own(g, node) : remainder(g, node, changes);
}

/** Biases that are constants of the node. */
const ownBiases: Readonly<Record<string, (g: GraphBuilder, node: Node) => Value | undefined>> = {
  BatchNormalization(g, node) {
    const [scale, bias, mean, variance] = node.inputs.slice(1).map((name) => g.value(name)) as Value[];
    const deviation = op.sqrt(g, op.add(g, variance!, number(g, attribute(node, "epsilon", 1e-5))));
    const shift = op.sub(g, bias!, op.div(g, op.mul(g, mean!, scale!), deviation));
    return perChannel(g, shift, staticShape(g.value(node.inputs[0]!)).length);
  },
  Conv: channelBias,
  ConvTranspose: channelBias,
  Gemm: (g, node) =>
    node.inputs[2] ? scale(g, g.value(node.inputs[2]), attribute(node, "beta", 1)) : undefined,
};

function channelBias(g: GraphBuilder, { inputs: [x, , bias] }: Node): Value | undefined {
  return bias ? perChannel(g, g.value(bias), staticShape(g.value(x!)).length) : undefined;
}

/** `y − J x`; `J x` is the derivative of `Σ x Jᵀ u` by `u`. */
function remainder(g: GraphBuilder, node: Node, changes: (name: string) => boolean): Value {
  const y = g.value(node.outputs[0]!);
  const u = zeros(g, staticShape(y));
  const inputs = node.inputs.map((name) => (name ? g.value(name) : undefined));
  const needs = node.inputs.map((name) => name !== "" && changes(name));
  const outputs = node.outputs.filter(Boolean).map((name) => g.value(name));
  const rule = rules[operatorOf(node)]!;
  const back = rule({ g, node, inputs, outputs, gradients: [u], needs });
  const terms = back.flatMap((slope, at) => {
    if (!slope || !needs[at]) return [];
    const axes = staticShape(slope).map((_, axis) => axis);
    return [op.reduceSum(g, op.mul(g, slope, inputs[at]!), axes)];
  });
  if (terms.length === 0) return y;
  const [linear] = gradient(g, op.sum(g, ...terms), [u]);
  return op.sub(g, y, linear!);
}
