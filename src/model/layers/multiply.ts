import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** Product of two activations; extents of 1 stand for all: `[N, C, 1, 1]` weighs the channels of `[N, C, H, W]`. */
export function multiply(network: NetworkBuilder, a: Value, b: Value, name?: string): Value {
  return network.layer("Multiply", "multiply", () => op.mul(network.g, a, b), name);
}
