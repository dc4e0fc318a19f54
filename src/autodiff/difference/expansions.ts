import { sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { perChannel } from "../broadcast.ts";
import { number } from "../pointwise.ts";
import { attribute } from "../rule.ts";
import { innerAxes } from "../rules/layer-normalization.ts";
import { localSums } from "../rules/vector-normalization.ts";
import { standardize } from "../standardization.ts";

/** An operator's first output, by operators that are sums, products and functions of a single number. */
type Expansion = (g: GraphBuilder, node: Node, inputs: readonly (Value | undefined)[]) => Value;

/** From the attribute `axis` on; by the root mean square if it is not `centered`. */
const layerNormalization =
  (centered: boolean): Expansion =>
  (g, node, inputs) => {
    const [x, scale, bias] = inputs;
    const axes = innerAxes({ node, inputs });
    const epsilon = attribute(node, "epsilon", 1e-5);
    const scaled = op.mul(g, standardize(g, x!, axes, { epsilon, centered }).normalized, scale!);
    return bias ? op.add(g, scaled, bias) : scaled;
  };

const instanceNormalization: Expansion = (g, node, [x, scale, bias]) => {
  const rank = staticShape(x!).length;
  const axes = Array.from({ length: rank - 2 }, (_, at) => at + 2);
  const { normalized } = standardize(g, x!, axes, { epsilon: attribute(node, "epsilon", 1e-5) });
  return op.add(g, op.mul(g, normalized, perChannel(g, scale!, rank)), perChannel(g, bias!, rank));
};

/** Scale and bias have an element a channel since operator set 21 and an element a group before. */
const groupNormalization: Expansion = (g, node, [x, scale, bias]) => {
  const shape = staticShape(x!);
  const [batch, channels] = shape as [number, number];
  const groups = attribute(node, "num_groups", 1);
  const grouped = op.reshape(g, x!, [batch, groups, sizeOf(shape) / (batch * groups)]);
  const { normalized } = standardize(g, grouped, [2], { epsilon: attribute(node, "epsilon", 1e-5) });
  const each = (vector: Value): Value => {
    const [elements] = staticShape(vector) as [number];
    return op.reshape(g, vector, [elements, 1, 1]);
  };
  const elements = staticShape(scale!)[0]!;
  const rows = op.reshape(g, normalized, [batch, elements, channels / elements, sizeOf(shape.slice(2))]);
  return op.reshape(g, op.add(g, op.mul(g, rows, each(scale!)), each(bias!)), shape);
};

const localResponse: Expansion = (g, node, [x]) => {
  const power = number(g, -attribute(node, "beta", 0.75));
  return op.mul(g, x!, op.pow(g, localSums(g, node, x!), power));
};

/** Operators that have no rule of their own, as what they are made of. */
export const expansions: Readonly<Record<string, Expansion>> = {
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization(true),
  LRN: localResponse,
  RMSNormalization: layerNormalization(false),
  SimplifiedLayerNormalization: layerNormalization(false),
};
