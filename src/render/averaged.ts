import { float32, type Tensor } from "../base/tensor.ts";

/** A map `[H, W]` or `[1, H, W]` with at most `most` values a side, each the mean of a block; as it is, `[H, W]`, where it has no more. */
export function averaged(map: Tensor<"float32">, most: number): Tensor<"float32"> {
  const [height, width] = map.shape.slice(-2) as [number, number];
  const [rows, columns] = [Math.min(height, most), Math.min(width, most)];
  const sums = new Float32Array(rows * columns);
  const counts = new Uint32Array(rows * columns);
  map.data.forEach((value, at) => {
    const row = Math.floor((Math.floor(at / width) * rows) / height);
    const block = row * columns + Math.floor(((at % width) * columns) / width);
    sums[block]! += value;
    counts[block]! += 1;
  });
  return float32(
    [rows, columns],
    sums.map((sum, block) => sum / counts[block]!),
  );
}
