import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** `[N, C, H, W] → [N, C·H·W]`, channel by channel. */
export function flatten(network: NetworkBuilder, x: Value, name?: string): Value {
  return network.layer("Flatten", "flatten", () => op.flatten(network.g, x), name);
}
