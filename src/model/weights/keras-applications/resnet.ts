import type { KerasApplication } from "./application.ts";
import type { FunctionalModel, Output } from "./functional-model.ts";
import {
  activation,
  add,
  batchNormalization,
  conv2d,
  globalAveragePooling2d,
  maxPooling2d,
  zeroPadding2d,
} from "./layers.ts";

/** Filters of the 3×3 convolutions in each stage. */
const widths = [64, 128, 256, 512] as const;

type Convolution = Omit<Parameters<typeof conv2d>[2], "name">;

/** A convolution with a bias, and batch normalization. */
function normalized(model: FunctionalModel, x: Output, name: string, convolution: Convolution): Output {
  const y = conv2d(model, x, { ...convolution, bias: true, name: `${name}_conv` });
  return batchNormalization(model, y, { epsilon: 1.001e-5, name: `${name}_bn` });
}

/** A bottleneck as in the paper, its stride in the first 1×1 convolution; torchvision has it in the 3×3. */
function block(
  model: FunctionalModel,
  x: Output,
  name: string,
  { filters, strides, widens }: { filters: number; strides: number; widens: boolean },
): Output {
  const wide = { filters: 4 * filters, kernel: 1 };
  const shortcut = widens ? normalized(model, x, `${name}_0`, { ...wide, strides }) : x;
  let y = normalized(model, x, `${name}_1`, { filters, kernel: 1, strides });
  y = activation(model, y, "relu", `${name}_1_relu`);
  y = normalized(model, y, `${name}_2`, { filters, kernel: 3, padding: "same" });
  y = activation(model, y, "relu", `${name}_2_relu`);
  y = normalized(model, y, `${name}_3`, wide);
  return activation(model, add(model, [shortcut, y], `${name}_add`), "relu", `${name}_out`);
}

/**
 * Keras's ResNet of He et al. 2015, table 1, with biases in its convolutions.
 * @param depths blocks in each of the four stages
 */
export const resnet = (depths: readonly [number, number, number, number]): KerasApplication => ({
  preprocessing: "caffe",
  features(model, picture) {
    let x = zeroPadding2d(model, picture, [3, 3], "conv1_pad");
    x = normalized(model, x, "conv1", { filters: 64, kernel: 7, strides: 2 });
    x = activation(model, x, "relu", "conv1_relu");
    x = zeroPadding2d(model, x, [1, 1], "pool1_pad");
    x = maxPooling2d(model, x, { kernel: 3, strides: 2, name: "pool1_pool" });
    depths.forEach((depth, stage) => {
      for (let i = 1; i <= depth; i++)
        x = block(model, x, `conv${stage + 2}_block${i}`, {
          filters: widths[stage]!,
          strides: i === 1 && stage > 0 ? 2 : 1,
          widens: i === 1,
        });
    });
    return globalAveragePooling2d(model, x, "avg_pool");
  },
});
