import { expect } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { called, layer, type Saved, tensor } from "./keras-model.ts";

export const H = 4;
export const W = 3;
export const C = 2;
export const SHAPE: readonly [number, number, number] = [H, W, C];

/** One picture. None of its numbers is near 0, ¼, ½ or another, where functions may have their kinks. */
export const pictures: Tensor<"float32"> = float32(
  [1, ...SHAPE],
  random(2, "pictures").shuffle(Array.from({ length: H * W * C }, (_, place) => (place - 11.5) / 12)),
);
/** The picture's number at a place. */
export const at = (y: number, x: number, c: number): number => pictures.data[(y * W + x) * C + c]!;

/** What a function of height, width and channel gives at each place of `[h, w, c]`, in Keras's order. */
export const each = (
  value: (y: number, x: number, c: number) => number,
  [h, w, c]: readonly [number, number, number] = SHAPE,
): number[] =>
  range(h * w * c).map((place) => value(Math.floor(place / (w * c)), Math.floor(place / c) % w, place % c));

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
export const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
export const softmaxOver = (values: readonly number[], place: number): number =>
  Math.exp(values[place]!) / sum(values.map(Math.exp));
/** The picture's mean over all places, of each channel. */
export const channelMeans = (): number[] =>
  range(C).map((c) => sum(range(H * W).map((place) => at(Math.floor(place / W), place % W, c))) / (H * W));

export function expectClose(actual: readonly number[] | undefined, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [place, value] of expected.entries()) expect(actual![place]).toBeCloseTo(value, 5);
}

/** An operation of Keras 3. */
export const operation = (name: string, config: object, module = "keras.src.ops.numpy"): Saved =>
  layer(name, config, module);
/** The tensors of layers in Keras's order, and that they are the model's outputs. */
export const flat = (...from: string[]): object[] =>
  from.map((name) => called(`${name}/flat`, layer("Flatten"), { args: [tensor(name)] }));
export const ends = (...from: string[]): unknown[] => from.map((name) => [name, 0, 0]);
