import type { Value } from "../../graph/graph.ts";
import { staticShapeAfterBatch } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { glorotUniform, type NetworkBuilder, zero } from "../network.ts";

/**
 * `x · kernel + bias`, then ReLU if asked: `[N, features] → [N, units]`. The kernel is `[features, units]` as in Keras; of a
 * named layer, as in PyTorch, it is `weight`, `[units, features]`.
 */
export function dense(
  network: NetworkBuilder,
  x: Value,
  { units, relu = false, name }: { readonly units: number; readonly relu?: boolean; readonly name?: string },
): Value {
  return network.layer(
    "Dense",
    "dense",
    (weight) => {
      const [features] = staticShapeAfterBatch(x);
      const draw = glorotUniform(features!, units);
      const w =
        name === undefined
          ? weight("kernel", [features!, units], draw)
          : weight("weight", [units, features!], draw);
      const b = weight("bias", [units], zero);
      const y = op.gemm(network.g, x, w, b, name === undefined ? {} : { transB: true });
      return relu ? op.relu(network.g, y) : y;
    },
    name,
  );
}
