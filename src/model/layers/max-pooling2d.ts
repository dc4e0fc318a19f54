import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** Maximum of each `size × size` square; a remainder at the right and bottom is left out, as in Keras. */
export function maxPooling2d(network: NetworkBuilder, x: Value, size: number): Value {
  return network.layer("MaxPooling2D", "max_pooling2d", () =>
    op.maxPool(network.g, x, [size, size], { strides: [size, size] }),
  );
}
