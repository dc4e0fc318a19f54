import { type Tensor, tensor } from "./tensor.ts";

/**
 * Weights of a Gaussian of `sigma` pixels by distance, `[0 … radius]`, cut off behind four deviations and such that both sides and the
 * middle add up to 1.
 */
export function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const kernel = Float64Array.from({ length: radius + 1 }, (_, distance) =>
    distance === 0 ? 1 : Math.exp(-0.5 * (distance / sigma) ** 2),
  );
  const total = kernel.reduce((sum, weight) => sum + 2 * weight, -kernel[0]!);
  return kernel.map((weight) => weight / total);
}

/** Blurs the last two axes of `map` `[…, H, W]` by a Gaussian of `sigma` pixels. What would lie outside of the map does not count. */
export function blurMap(map: Tensor<"float32">, sigma: number): Tensor<"float32"> {
  const [height = 1, width = 1] = map.shape.slice(-2);
  const kernel = gaussianKernel(sigma);
  const rows = blurLines(map.data, width, 1, kernel);
  return tensor("float32", map.shape, blurLines(rows, height, width, kernel));
}

/** Blurs along an axis with `extent` elements, each `stride` elements from the next. */
function blurLines(data: Float32Array, extent: number, stride: number, kernel: Float64Array): Float32Array {
  const reach = kernel.length - 1;
  const totals = Float64Array.from({ length: extent }, (_, at) => {
    let total = 0;
    for (let other = Math.max(0, at - reach); other <= Math.min(extent - 1, at + reach); other++)
      total += kernel[Math.abs(other - at)]!;
    return total;
  });
  const blurred = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / stride) % extent;
    const last = Math.min(extent - 1, at + reach);
    let sum = 0;
    for (let other = Math.max(0, at - reach); other <= last; other++)
      sum += kernel[Math.abs(other - at)]! * data[i + (other - at) * stride]!;
    blurred[i] = sum / totals[at]!;
  }
  return blurred;
}
