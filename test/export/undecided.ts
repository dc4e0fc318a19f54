import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { initializerOf, initializerTensor } from "../../src/graph/graph.ts";
import { withConstants } from "../../src/model/batch.ts";
import type { Network } from "../../src/model/model.ts";
import { forward } from "../../src/model/predict.ts";

/** The network with its last layer's weights so small that no class takes all for these inputs, which would hide differences. */
export async function undecided(network: Network, inputs: Tensor<"float32">): Promise<Network> {
  const { logits } = await forward({ ...network, source: "own.onnx", engine: nodeEngine() }, inputs);
  const most = logits.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const smaller = network.layers.at(-1)!.parameters.map((name) => {
    const { shape, data } = initializerTensor(network.graph.initializers.get(name)!);
    const scaled = float32(
      shape,
      (data as Float32Array).map((weight) => weight / most),
    );
    return [name, initializerOf(name, scaled)] as const;
  });
  return withConstants(network, new Map(smaller));
}
