import { float32 } from "../../base/tensor.ts";
import type { Preprocessing } from "../../model/preprocessing.ts";
import type { Weight } from "./keras-layer.ts";

/** What a channel that the network sees takes of red, green and blue. */
const mixtures: Readonly<Record<Preprocessing["order"], readonly (readonly [number, number, number])[]>> = {
  RGB: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  BGR: [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
  grey: [[0.299, 0.587, 0.114]],
};

/** From levels of RGB `[H, W, 3]` to what the network takes, `(level − mean) / std`, as a convolution of 1×1. */
export function preprocessingLayer({ order, mean, std }: Preprocessing): {
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: { readonly kernel: Weight; readonly bias: Weight };
} {
  const mixture = mixtures[order];
  const channels = mixture.length;
  const kernel = [0, 1, 2].flatMap((color) => mixture.map((parts, at) => parts[color]! / std[at]!));
  const bias = mean.map((level, at) => -level / std[at]!);
  const weight = (shape: readonly number[], numbers: readonly number[]): Weight => ({
    shape,
    read: () => float32(shape, numbers),
  });
  return {
    config: { filters: channels, kernel_size: [1, 1], data_format: "channels_last", trainable: false },
    weights: { kernel: weight([1, 1, 3, channels], kernel), bias: weight([channels], bias) },
  };
}
