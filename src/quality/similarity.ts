import { blurMap } from "../base/blur.ts";
import { float32, type Tensor } from "../base/tensor.ts";

/** Of the window, in pixels. */
const SIGMA = 1.5;
/** What keeps the quotients of flat parts from chance: (0.01 L)² and (0.03 L)², for values whose range L is 1. */
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

/**
 * Structural similarity of two maps `[H, W]` of one size: the mean over all pixels' surroundings, in [−1, 1], 1 for the same map (Wang et al.
 * 2004). Made for brightness, it takes each map divided by its largest magnitude, and where one of them has values below zero both with
 * [−1, 1] brought to [0, 1]: else a map and its negative would be alike.
 */
export function structuralSimilarity(a: Tensor<"float32">, b: Tensor<"float32">): number {
  const signed = [a, b].some(({ data }) => data.some((value) => value < 0));
  const [x, y] = [a, b].map((map) => brightness(map, signed)) as [Float32Array, Float32Array];
  const around = (value: (at: number) => number): Float32Array =>
    blurMap(
      float32(
        a.shape,
        x.map((_, at) => value(at)),
      ),
      SIGMA,
    ).data;
  const meanX = around((at) => x[at]!);
  const meanY = around((at) => y[at]!);
  const squareX = around((at) => x[at]! ** 2);
  const squareY = around((at) => y[at]! ** 2);
  const product = around((at) => x[at]! * y[at]!);
  let sum = 0;
  for (let at = 0; at < x.length; at++) {
    const [mx, my] = [meanX[at]!, meanY[at]!];
    const variances = squareX[at]! - mx * mx + squareY[at]! - my * my;
    const covariance = product[at]! - mx * my;
    sum += ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (variances + C2));
  }
  return sum / x.length;
}

function brightness({ data }: Tensor<"float32">, signed: boolean): Float32Array {
  const most = data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  return data.map((value) => (signed ? (value / most + 1) / 2 : value / most));
}
