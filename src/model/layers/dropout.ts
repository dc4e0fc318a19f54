import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** Passes everything when it predicts; the training graph puts a random mask in its place. `rate` is the part dropped. */
export function dropout(network: NetworkBuilder, x: Value, rate: number, name?: string): Value {
  return network.layer("Dropout", "dropout", () => op.dropout(network.g, x, rate), name);
}
