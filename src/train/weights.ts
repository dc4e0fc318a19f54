import type { Tensor } from "../base/tensor.ts";
import { initializerOf } from "../graph/graph.ts";
import { withConstants } from "../model/batch.ts";
import type { Network } from "../model/model.ts";

/**
 * The network with its weights and statistics replaced by the tensors of the same names; memory is shared, not copied. Other tensors, an
 * optimizer's, are passed over.
 */
export function withWeights<N extends Network>(
  network: N,
  tensors: ReadonlyMap<string, Tensor<"float32">>,
): N {
  const weights = [...tensors].filter(([name]) => network.graph.initializers.has(name));
  return withConstants(
    network,
    new Map(weights.map(([name, tensor]) => [name, initializerOf(name, tensor)])),
  );
}
