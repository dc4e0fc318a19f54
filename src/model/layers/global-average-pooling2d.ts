import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** Mean of each channel, `[N, C, H, W] → [N, C, 1, 1]`. */
export function globalAveragePooling2d(network: NetworkBuilder, x: Value, name?: string): Value {
  return network.layer(
    "GlobalAveragePooling2D",
    "global_average_pooling2d",
    () => op.globalAveragePool(network.g, x),
    name,
  );
}
