import { bytesOf, type Tensor } from "../base/tensor.ts";
import type { Network } from "../model/model.ts";

/** The network with its weights replaced by the tensors of the same names; memory is shared, not copied. */
export function withWeights(network: Network, tensors: ReadonlyMap<string, Tensor<"float32">>): Network {
  const initializers = new Map(network.graph.initializers);
  for (const name of network.layers.flatMap((layer) => layer.parameters)) {
    const { dtype, shape, data } = tensors.get(name)!;
    initializers.set(name, { name, dtype, shape, bytes: bytesOf({ dtype, shape, data }) });
  }
  return { ...network, graph: { ...network.graph, initializers } };
}
