import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** The channels of all `parts`, one after the other. */
export function concatenate(network: NetworkBuilder, parts: readonly Value[], name?: string): Value {
  return network.layer("Concatenate", "concatenate", () => op.concat(network.g, parts, 1), name);
}
