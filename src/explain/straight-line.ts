import type { Tensor } from "../base/tensor.ts";
import type { Rows } from "./subject.ts";

/**
 * The points `b + α (x − b)` for each α of `nodes` in their order, of the first picture first.
 * @param from `[N, C, H, W]`, the baselines
 * @param to `[N, C, H, W]`, the pictures
 */
export function straightLine(from: Tensor<"float32">, to: Tensor<"float32">, nodes: readonly number[]): Rows {
  const [pictures] = to.shape as [number];
  const size = to.data.length / pictures;
  return {
    count: pictures * nodes.length,
    picture: (row) => Math.floor(row / nodes.length),
    write(row, { input }) {
      const alpha = nodes[row % nodes.length]!;
      const start = Math.floor(row / nodes.length) * size;
      for (let i = 0; i < size; i++) {
        const base = from.data[start + i]!;
        input![i] = base + alpha * (to.data[start + i]! - base);
      }
    },
  };
}
