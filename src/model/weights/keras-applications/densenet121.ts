import type { KerasApplication } from "./application.ts";
import type { FunctionalModel, Output } from "./functional-model.ts";
import {
  activation,
  averagePooling2d,
  batchNormalization,
  concatenate,
  conv2d,
  globalAveragePooling2d,
  maxPooling2d,
  zeroPadding2d,
} from "./layers.ts";

/** Channels that each layer adds, k in the paper. */
const GROWTH = 32;

/** Layers in each dense block. */
const depths = [6, 12, 24, 16] as const;

/** Batch normalization and ReLU. @param name what theirs begin with */
function preactivation(model: FunctionalModel, x: Output, name: string): Output {
  const y = batchNormalization(model, x, { epsilon: 1.001e-5, name: `${name}bn` });
  return activation(model, y, "relu", `${name}relu`);
}

/** A layer of a dense block: what it finds in all channels before it is put behind them. */
function denseLayer(model: FunctionalModel, x: Output, name: string): Output {
  let y = preactivation(model, x, `${name}_0_`);
  y = conv2d(model, y, { filters: 4 * GROWTH, kernel: 1, name: `${name}_1_conv` });
  y = preactivation(model, y, `${name}_1_`);
  y = conv2d(model, y, { filters: GROWTH, kernel: 3, padding: "same", name: `${name}_2_conv` });
  return concatenate(model, [x, y], `${name}_concat`);
}

/** Half the channels, half the size. */
function transition(model: FunctionalModel, x: Output, name: string): Output {
  let y = preactivation(model, x, `${name}_`);
  y = conv2d(model, y, { filters: x.channels / 2, kernel: 1, name: `${name}_conv` });
  return averagePooling2d(model, y, { kernel: 2, strides: 2, name: `${name}_pool` });
}

/** Keras's DenseNet-121 of Huang et al. 2016, table 1. */
export const densenet121: KerasApplication = {
  preprocessing: "imagenet",
  features(model, picture) {
    let x = zeroPadding2d(model, picture, [3, 3]);
    x = conv2d(model, x, { filters: 64, kernel: 7, strides: 2, name: "conv1/conv" });
    x = preactivation(model, x, "conv1/");
    x = zeroPadding2d(model, x, [1, 1]);
    x = maxPooling2d(model, x, { kernel: 3, strides: 2, name: "pool1" });
    depths.forEach((depth, at) => {
      for (let i = 1; i <= depth; i++) x = denseLayer(model, x, `conv${at + 2}_block${i}`);
      if (at < depths.length - 1) x = transition(model, x, `pool${at + 2}`);
    });
    return globalAveragePooling2d(model, preactivation(model, x, ""), "avg_pool");
  },
};
