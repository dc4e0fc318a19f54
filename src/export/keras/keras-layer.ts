import { permuted } from "../../base/permute.ts";
import { bytesOf, float32, type Tensor, viewBytes } from "../../base/tensor.ts";

/** Numbers of a layer; they are read when they are written. */
export interface Weight {
  readonly shape: readonly number[];
  read(): Tensor<"float32">;
}

/** A layer as a model's configuration describes it. */
export interface KerasLayer {
  /** Its class, such as `Conv2D`. */
  readonly type: string;
  readonly name: string;
  /** Its settings but for the name, in words that Keras 2 and 3 and TensorFlow.js share. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers that it takes its tensors from. */
  readonly from: readonly string[];
  /** By their names in the layer, in Keras's order. */
  readonly weights: Readonly<Record<string, Weight>>;
}

/** The weight with its axes permuted, then taken for `shape`. */
export function turned(
  weight: Weight,
  permutation: readonly number[],
  shape: readonly number[] = permutation.map((axis) => weight.shape[axis]!),
): Weight {
  return {
    shape,
    read: () =>
      float32(shape, viewBytes("float32", permuted(bytesOf(weight.read()), weight.shape, permutation))),
  };
}

/** The same numbers under another shape. */
export const reshaped = ({ read }: Weight, shape: readonly number[]): Weight => ({
  shape,
  read: () => float32(shape, read().data),
});

/** Each number changed by itself. */
export const mapped = ({ shape, read }: Weight, change: (number: number) => number): Weight => ({
  shape,
  read: () => float32(shape, read().data.map(change)),
});

/** So many times the same number. */
export const filled = (length: number, number: number): Weight => ({
  shape: [length],
  read: () => float32([length], new Float32Array(length).fill(number)),
});
