import type { KerasApplication } from "./application.ts";
import { type FunctionalModel, layer, type Output } from "./functional-model.ts";
import {
  activation,
  add,
  batchNormalization,
  conv2d,
  depthwiseConv2d,
  dropout,
  globalAveragePooling2d,
  zeroPadding2d,
} from "./layers.ts";

/** Table 1 of the paper, its rows of MBConv: expansion, channels, kernel, repeats, stride of the first. */
const stages = [
  [1, 16, 3, 1, 1],
  [6, 24, 3, 2, 2],
  [6, 40, 5, 2, 2],
  [6, 80, 3, 3, 2],
  [6, 112, 5, 3, 1],
  [6, 192, 5, 4, 2],
  [6, 320, 3, 1, 1],
] as const;

const BLOCKS = stages.reduce((sum, [, , , repeats]) => sum + repeats, 0);

/** Part of the last block's results that training would drop; less in blocks before it. */
const DROP = 0.2;

/** ImageNet's deviations of the channels in [0, 1]. */
const deviations = [0.229, 0.224, 0.225] as const;

/** Batch normalization and Swish. */
function activated(model: FunctionalModel, x: Output, norm: string, name: string): Output {
  return activation(model, batchNormalization(model, x, { epsilon: 1e-3, name: norm }), "swish", name);
}

/** Squeeze and excitation (Hu et al. 2017), to a quarter of the channels that came into the block. */
function excited(model: FunctionalModel, x: Output, name: string, filters: number): Output {
  let y = globalAveragePooling2d(model, x, `${name}se_squeeze`);
  const config = { target_shape: [1, 1, x.channels] };
  y = layer(model, "Reshape", [y], { name: `${name}se_reshape`, config });
  const convolution = { kernel: 1, bias: true };
  y = conv2d(model, y, { ...convolution, filters, activation: "swish", name: `${name}se_reduce` });
  const gate = { filters: x.channels, activation: "sigmoid", name: `${name}se_expand` };
  y = conv2d(model, y, { ...convolution, ...gate });
  return layer(model, "Multiply", [x, y], { name: `${name}se_excite` });
}

interface Block {
  readonly expansion: number;
  readonly filters: number;
  readonly kernel: number;
  readonly strides: number;
  /** What training drops of the block's results. */
  readonly rate: number;
}

/** Where the size is halved, the odd zero is added at the end; torchvision has it at the beginning. */
function block(
  model: FunctionalModel,
  x: Output,
  name: string,
  { expansion, filters, kernel, strides, rate }: Block,
): Output {
  let y = x;
  if (expansion > 1) {
    y = conv2d(model, y, { filters: expansion * x.channels, kernel: 1, name: `${name}expand_conv` });
    y = activated(model, y, `${name}expand_bn`, `${name}expand_activation`);
  }
  const half = Math.floor(kernel / 2);
  if (strides > 1) y = zeroPadding2d(model, y, [half - 1, half], `${name}dwconv_pad`);
  const padding = strides > 1 ? "valid" : "same";
  y = depthwiseConv2d(model, y, { kernel, strides, padding, name: `${name}dwconv` });
  y = activated(model, y, `${name}bn`, `${name}activation`);
  y = excited(model, y, name, x.channels / 4);
  y = conv2d(model, y, { filters, kernel: 1, name: `${name}project_conv` });
  y = batchNormalization(model, y, { epsilon: 1e-3, name: `${name}project_bn` });
  if (strides > 1 || filters !== x.channels) return y;
  return add(model, [dropout(model, y, rate, `${name}drop`), x], `${name}add`);
}

/** Levels 0…255 brought to where the weights of ImageNet want them: the variances among these are in truth deviations. */
function normalization(model: FunctionalModel, picture: Output): Output {
  const x = layer(model, "Rescaling", [picture], { config: { scale: 1 / 255 } });
  const each = [picture.channels];
  const y = layer(model, "Normalization", [x], {
    config: { axis: 3 },
    weights: { mean: each, variance: each, count: [] },
  });
  return layer(model, "Rescaling", [y], { config: { scale: deviations.map((one) => 1 / Math.sqrt(one)) } });
}

/** Keras's EfficientNet-B0 of Tan and Le 2019, table 1, as it is built for the weights of ImageNet. */
export const efficientnetB0: KerasApplication = {
  preprocessing: "raw",
  features(model, picture) {
    let x = zeroPadding2d(model, normalization(model, picture), [0, 1], "stem_conv_pad");
    x = conv2d(model, x, { filters: 32, kernel: 3, strides: 2, name: "stem_conv" });
    x = activated(model, x, "stem_bn", "stem_activation");
    let count = 0;
    stages.forEach(([expansion, filters, kernel, repeats, stride], stage) => {
      for (let i = 0; i < repeats; i++) {
        const name = `block${stage + 1}${"abcd"[i]}_`;
        const strides = i === 0 ? stride : 1;
        x = block(model, x, name, { expansion, filters, kernel, strides, rate: (DROP * count) / BLOCKS });
        count++;
      }
    });
    x = conv2d(model, x, { filters: 1280, kernel: 1, name: "top_conv" });
    x = activated(model, x, "top_bn", "top_activation");
    return dropout(model, globalAveragePooling2d(model, x, "avg_pool"), 0.2, "top_dropout");
  },
};
