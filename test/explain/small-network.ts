import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { Model } from "../../src/model/model.ts";
import { toy } from "./reference.ts";

/** Three maps of 2×3 places, made of the 2×2 blocks of a picture `[1, 4, 6]`. */
export const CHANNELS = 3;
export const PLACES = 6;

const values = (name: string, count: number): Float32Array => {
  const source = random(5, name);
  return Float32Array.from({ length: count }, () => source.uniform(-1, 1));
};
const [kernel, bias] = [values("kernel", 12), values("bias", 3)];
const [hidden, scores] = [values("hidden", 4 * 18), values("scores", 5 * 4)];

export const picture: Tensor<"float32"> = float32([1, 1, 4, 6], values("picture", 24));

/**
 * A convolution by blocks, its ReLU `maps`, and two dense layers with a tanh between them: five classes, none of them linear in
 * the maps.
 */
export const smallNetwork: Model = toy([1, 4, 6], (g, x) => {
  const weight = g.initializer("kernel", float32([3, 1, 2, 2], kernel));
  const maps = op.relu(
    g,
    op.conv(g, x, weight, g.initializer("bias", float32([3], bias)), { strides: [2, 2] }),
  );
  const middle = g.initializer("hidden", float32([4, 18], hidden));
  const inner = op.tanh(g, op.gemm(g, op.flatten(g, maps), middle, undefined, { transB: true }));
  const last = g.initializer("scores", float32([5, 4], scores));
  return { logits: op.gemm(g, inner, last, undefined, { transB: true }), layers: { maps } };
});

/** Its maps `[3, 2, 3]` of a picture `[4, 6]`, one channel after the other. */
export function mapsOf(image: ArrayLike<number>): number[] {
  return Array.from({ length: CHANNELS * PLACES }, (_, at) => {
    const [channel, row, column] = [Math.floor(at / 6), Math.floor((at % 6) / 3), at % 3];
    let sum = bias[channel]!;
    for (const [dy, dx] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const)
      sum += kernel[channel * 4 + dy * 2 + dx]! * image[(2 * row + dy) * 6 + 2 * column + dx]!;
    return Math.max(0, sum);
  });
}

/** Its five logits. */
export function logitsOf(maps: readonly number[]): number[] {
  const inner = Array.from({ length: 4 }, (_, unit) =>
    Math.tanh(maps.reduce((sum, value, at) => sum + value * hidden[unit * 18 + at]!, 0)),
  );
  return Array.from({ length: 5 }, (_, score) =>
    inner.reduce((sum, value, unit) => sum + value * scores[score * 4 + unit]!, 0),
  );
}

/** The gradient of any function of the maps, by central differences. */
export function slopes(
  of: (maps: readonly number[]) => number,
  maps: readonly number[],
  step = 1e-5,
): number[] {
  return maps.map(
    (value, at) => (of(maps.with(at, value + step)) - of(maps.with(at, value - step))) / (2 * step),
  );
}
