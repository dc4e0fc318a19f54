import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** Sum of two activations of one shape. */
export function add(network: NetworkBuilder, a: Value, b: Value, name?: string): Value {
  return network.layer("Add", "add", () => op.add(network.g, a, b), name);
}
