import { random } from "../base/random.ts";
import type { Tensor } from "../base/tensor.ts";
import { type Initializer, initializerOf, initializerTensor } from "../graph/graph.ts";
import { withConstants } from "../model/batch.ts";
import type { Layer, Network } from "../model/model.ts";

/**
 * The network with what some of its layers have learnt destroyed: of their weights, and of what a batch normalization measured, each
 * tensor holds the same numbers in another order. So activations keep their size, whatever initialization the network once had. A layer
 * has the same order in every call with the same seed, whichever layers it comes with.
 */
export function randomized<N extends Network>(network: N, layers: readonly Layer[], seed: number): N {
  const names = layers.flatMap(({ parameters, statistics = [] }) => [...parameters, ...statistics]);
  const constants = [...new Set(names)].flatMap((name) => {
    const constant = network.graph.initializers.get(name);
    return constant ? [[name, shuffled(constant, seed)] as const] : [];
  });
  return withConstants(network, new Map(constants));
}

function shuffled(constant: Initializer, seed: number): Initializer {
  const { dtype, shape, data } = initializerTensor(constant);
  const mixed = random(seed, "randomized", constant.name).shuffle(data.slice());
  return initializerOf(constant.name, { dtype, shape, data: mixed } as Tensor);
}
