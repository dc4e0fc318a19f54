import { scalar } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

export type ActivationKind = "ReLU" | "ReLU6" | "SiLU" | "Sigmoid";

const kinds: Readonly<Record<ActivationKind, (g: GraphBuilder, x: Value) => Value>> = {
  ReLU: op.relu,
  ReLU6: (g, x) => op.clip(g, x, g.constant(scalar(0)), g.constant(scalar(6))),
  SiLU: (g, x) => op.mul(g, x, op.sigmoid(g, x)),
  Sigmoid: op.sigmoid,
};

/** A nonlinearity as a layer of its own. ReLU6 is ReLU that ends at 6; SiLU is `x · sigmoid(x)`, also called swish. */
export function activation(network: NetworkBuilder, x: Value, kind: ActivationKind, name?: string): Value {
  return network.layer(kind, "activation", () => kinds[kind](network.g, x), name);
}
