import type { Tensor } from "../../base/tensor.ts";

/** What Keras makes a model or a layer from, as it serializes it. */
export interface KerasObject {
  readonly class_name: string;
  readonly config: unknown;
}

/** A weight as a file has it; its numbers are read when they are asked for. */
export interface SavedWeight {
  /** As the file has it, such as `block1_conv1/kernel:0`; for messages. */
  readonly name: string;
  readonly shape: readonly number[];
  read(): Tensor;
}

/** Where a model that we write has what no layer says: among the attributes of an `.h5`, or in TensorFlow.js's metadata. */
export const DESCRIPTION = "convscope";

/** A model as Keras or TensorFlow.js saves it, whatever the container: what it is made from, and its weights. */
export interface SavedKerasModel {
  readonly model: KerasObject;
  /**
   * `keras_version` of the file, such as `2.15.0`, `3.5.0`, or `tfjs-layers 4.22.0` for what TensorFlow.js itself made: a few layers
   * mean something else in each. Taken for Keras 2 where the file does not say.
   */
  readonly version?: string;
  /** What we wrote beside the layers, where we wrote it. */
  readonly description?: unknown;
  /** Names of the classes, where the file says them, as Teachable Machine's do. */
  readonly classes?: readonly string[];
  /** Pixels along each side of the pictures that it was made for, where the file says it beside the model's own input. */
  readonly pictureSize?: number;
  /**
   * A layer's weights in Keras's order: kernel, bias; or gamma, beta, mean, variance. None for a layer without any.
   * @param path names of the models around it, the outermost left out, then its own: `["vgg16", "block5_conv3"]`
   */
  weights(path: readonly string[]): readonly SavedWeight[];
}
