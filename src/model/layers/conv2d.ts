import type { Value } from "../../graph/graph.ts";
import { staticShapeAfterBatch } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { glorotUniform, type NetworkBuilder, zero } from "../network.ts";

/** Convolution without padding, then ReLU: `[N, C, H, W] → [N, filters, H − k + 1, W − k + 1]`. */
export function conv2d(
  network: NetworkBuilder,
  x: Value,
  { filters, kernel }: { readonly filters: number; readonly kernel: number },
): Value {
  return network.layer("Conv2D", "conv2d", (weight) => {
    const [channels] = staticShapeAfterBatch(x);
    const area = kernel * kernel;
    const w = weight(
      "kernel",
      [filters, channels!, kernel, kernel],
      glorotUniform(channels! * area, filters * area),
    );
    const b = weight("bias", [filters], zero);
    return op.relu(network.g, op.conv(network.g, x, w, b));
  });
}
