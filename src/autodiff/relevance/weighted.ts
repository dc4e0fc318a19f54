import { sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { perChannel } from "../broadcast.ts";
import { scale } from "../pointwise.ts";
import { attribute, operatorOf } from "../rule.ts";
import { rules as gradientRules } from "../rules/index.ts";

/** What is linear in `x` but for a bias: `x ∗ w + b`. */
export interface Weighted {
  readonly kind: "convolution" | "dense" | "scaling";
  readonly x: Value;
  readonly w: Value;
  /** Broadcasts to the output. */
  readonly b: Value | undefined;
  /** A factor of the outputs as one of the weight; undefined where it differs from place to place. */
  onWeight(factor: Value): Value | undefined;
  /** `x ∗ w` of other numbers in the same shapes. */
  product(x: Value, w: Value): Value;
  /** The gradient of `Σ s · (x ∗ w)` by `x`; `s` is in the shape of the output. */
  adjoint(s: Value, w: Value): Value;
}

const convolutions = ["Conv", "ConvTranspose"];
const products = ["Gemm", "MatMul", "com.microsoft.FusedMatMul"];

/**
 * The convolution or product that the node is; undefined for other nodes, and where both or none of its sides depend on the picture.
 * @param reached names of the values that depend on the picture
 */
export function weightedOf(g: GraphBuilder, node: Node, reached: ReadonlySet<string>): Weighted | undefined {
  const convolution = convolutions.includes(operatorOf(node));
  if (!convolution && !products.includes(operatorOf(node))) return undefined;
  const [left, right, bias] = node.inputs.map((name) => reached.has(name));
  if (left === right || bias || (convolution && right)) return undefined;
  const at = left ? 0 : 1;
  const [x, w] = [g.value(node.inputs[at]!), g.value(node.inputs[1 - at]!)];
  const y = g.value(node.outputs[0]!);
  const operands = (input: Value, weight: Value): Value[] => (at === 0 ? [input, weight] : [weight, input]);
  return {
    kind: convolution ? "convolution" : "dense",
    ...{ x, w, b: biasOf(g, node) },
    onWeight: (factor) => (at === 0 ? onWeight(g, node, factor) : undefined),
    product: (input, weight) =>
      g.node({
        ...{ op: node.op, domain: node.domain, attributes: node.attributes },
        inputs: operands(input, weight),
        outputs: [{ dtype: y.dtype, shape: y.shape }],
      })[0]!,
    adjoint: (s, weight) =>
      gradientRules[operatorOf(node)]!({
        ...{ g, node, outputs: [y], gradients: [s] },
        inputs: operands(x, weight),
        needs: [at === 0, at === 1],
      })[at]!,
  };
}

function biasOf(g: GraphBuilder, node: Node): Value | undefined {
  const name = node.inputs[2];
  if (!name) return undefined;
  const bias = g.value(name);
  const rank = staticShape(g.value(node.outputs[0]!)).length;
  return node.op === "Gemm" ? scale(g, bias, attribute(node, "beta", 1)) : perChannel(g, bias, rank);
}

/** A factor so that it broadcasts to the weight, the node's second input. */
function onWeight(g: GraphBuilder, node: Node, factor: Value): Value | undefined {
  const shape = staticShape(factor);
  if (sizeOf(shape) === 1) return op.reshape(g, factor, []);
  const y = staticShape(g.value(node.outputs[0]!));
  const w = staticShape(g.value(node.inputs[1]!));
  const axis = convolutions.includes(node.op) ? 1 : y.length - 1;
  const channels = y[axis]!;
  if (w.length < 2 || shape.at(axis - y.length) !== channels || sizeOf(shape) !== channels) return undefined;
  if (node.op === "ConvTranspose") return onTransposed(g, factor, w, attribute(node, "group", 1));
  if (node.op === "Conv") return op.reshape(g, factor, [channels, ...w.slice(1).map(() => 1)]);
  return op.reshape(g, factor, attribute(node, "transB", 0) === 1 ? [channels, 1] : [channels]);
}

/** Weights `[C, M/group, …]`: the rows of each group make the group's own output channels. */
function onTransposed(g: GraphBuilder, factor: Value, w: readonly number[], group: number): Value {
  const [inputs, outputs] = w as [number, number];
  const rows = op.expand(g, op.reshape(g, factor, [group, 1, outputs]), [group, inputs / group, outputs]);
  return op.reshape(g, rows, [inputs, outputs, ...w.slice(2).map(() => 1)]);
}
