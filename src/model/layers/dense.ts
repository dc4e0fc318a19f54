import type { Value } from "../../graph/graph.ts";
import { staticShapeAfterBatch } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { glorotUniform, type NetworkBuilder, zero } from "../network.ts";

/** `x · kernel + bias`, then ReLU if asked: `[N, features] → [N, units]`. */
export function dense(
  network: NetworkBuilder,
  x: Value,
  { units, relu = false }: { readonly units: number; readonly relu?: boolean },
): Value {
  return network.layer("Dense", "dense", (weight) => {
    const [features] = staticShapeAfterBatch(x);
    const w = weight("kernel", [features!, units], glorotUniform(features!, units));
    const b = weight("bias", [units], zero);
    const y = op.gemm(network.g, x, w, b);
    return relu ? op.relu(network.g, y) : y;
  });
}
