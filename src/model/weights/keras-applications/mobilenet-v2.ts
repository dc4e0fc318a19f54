import type { KerasApplication } from "./application.ts";
import { type FunctionalModel, layer, type Output } from "./functional-model.ts";
import {
  add,
  batchNormalization,
  conv2d,
  depthwiseConv2d,
  globalAveragePooling2d,
  zeroPadding2d,
} from "./layers.ts";

/** Table 2 of the paper, its rows of bottlenecks: expansion t, channels c, repeats n, stride s of the first. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

const normalized = (model: FunctionalModel, x: Output, name: string): Output =>
  batchNormalization(model, x, { epsilon: 1e-3, name });

const relu6 = (model: FunctionalModel, x: Output, name: string): Output =>
  layer(model, "ReLU", [x], { name, config: { max_value: 6 } });

/** Where the size is halved, zeros are added at the end alone; torchvision has its windows one place earlier. */
function block(
  model: FunctionalModel,
  x: Output,
  name: string,
  { expansion, filters, strides }: { expansion: number; filters: number; strides: number },
): Output {
  let y = x;
  if (expansion > 1) {
    y = conv2d(model, y, { filters: expansion * x.channels, kernel: 1, name: `${name}_expand` });
    y = relu6(model, normalized(model, y, `${name}_expand_BN`), `${name}_expand_relu`);
  }
  if (strides > 1) y = zeroPadding2d(model, y, [0, 1], `${name}_pad`);
  const padding = strides > 1 ? "valid" : "same";
  y = depthwiseConv2d(model, y, { kernel: 3, strides, padding, name: `${name}_depthwise` });
  y = relu6(model, normalized(model, y, `${name}_depthwise_BN`), `${name}_depthwise_relu`);
  y = conv2d(model, y, { filters, kernel: 1, name: `${name}_project` });
  y = normalized(model, y, `${name}_project_BN`);
  return strides === 1 && filters === x.channels ? add(model, [x, y], `${name}_add`) : y;
}

/** Keras's MobileNetV2 of Sandler et al. 2018, table 2, at width 1. */
export const mobilenetV2: KerasApplication = {
  preprocessing: "tf",
  features(model, picture) {
    let x = conv2d(model, picture, { filters: 32, kernel: 3, strides: 2, padding: "same", name: "Conv1" });
    x = relu6(model, normalized(model, x, "bn_Conv1"), "Conv1_relu");
    let count = 0;
    for (const [expansion, filters, repeats, stride] of stages)
      for (let i = 0; i < repeats; i++) {
        const name = count === 0 ? "expanded_conv" : `block_${count}`;
        x = block(model, x, name, { expansion, filters, strides: i === 0 ? stride : 1 });
        count++;
      }
    x = conv2d(model, x, { filters: 1280, kernel: 1, name: "Conv_1" });
    x = relu6(model, normalized(model, x, "Conv_1_bn"), "out_relu");
    return globalAveragePooling2d(model, x);
  },
};
