import { float32, zeros } from "../../base/tensor.ts";
import { staticShapeAfterBatch, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { type NetworkBuilder, one, type StatisticMaker, type WeightMaker, zero } from "../network.ts";

/**
 * Brings each channel to mean 0 and deviation 1 by statistics of the training data, then to a learned scale and bias (Ioffe and
 * Szegedy 2015). The statistics are `running_mean` and `running_var`.
 */
export function batchNormalization(
  network: NetworkBuilder,
  x: Value,
  { name, epsilon = 1e-5 }: { readonly name: string; readonly epsilon?: number },
): Value {
  const build = (weight: WeightMaker, statistic: StatisticMaker): Value => {
    const [channels] = staticShapeAfterBatch(x);
    const shape = [channels!];
    const scale = weight("weight", shape, one);
    const bias = weight("bias", shape, zero);
    const mean = statistic("running_mean", zeros("float32", shape));
    const ones = float32(shape, new Float32Array(channels!).fill(1));
    const variance = statistic("running_var", ones);
    return op.batchNormalization(network.g, x, { scale, bias, mean, variance }, epsilon);
  };
  return network.layer("BatchNormalization", "batch_normalization", build, name);
}
