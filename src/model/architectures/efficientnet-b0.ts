import { staticShapeAfterBatch, type Value } from "../../graph/graph.ts";
import { type Architecture, architecture } from "../architecture.ts";
import {
  activation,
  add,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePooling2d,
  multiply,
} from "../layers/index.ts";
import type { NetworkBuilder } from "../network.ts";
import { activated, normalized } from "./blocks/convolutions.ts";

/** Table 1 of the paper, a stage a row. */
const stages = [
  { expansion: 1, kernel: 3, width: 16, depth: 1, stride: 1 },
  { expansion: 6, kernel: 3, width: 24, depth: 2, stride: 2 },
  { expansion: 6, kernel: 5, width: 40, depth: 2, stride: 2 },
  { expansion: 6, kernel: 3, width: 80, depth: 3, stride: 2 },
  { expansion: 6, kernel: 5, width: 112, depth: 3, stride: 1 },
  { expansion: 6, kernel: 5, width: 192, depth: 4, stride: 2 },
  { expansion: 6, kernel: 3, width: 320, depth: 1, stride: 1 },
] as const;

interface Block {
  readonly expansion: number;
  readonly kernel: number;
  readonly width: number;
  readonly stride: number;
}

/** Squeeze and excitation (Hu et al. 2017, figure 2): each channel weighed by what the means of all channels say. */
function excited(network: NetworkBuilder, x: Value, name: string, squeezed: number): Value {
  const [channels] = staticShapeAfterBatch(x);
  let y = globalAveragePooling2d(network, x, `${name}.avgpool`);
  y = conv2d(network, y, { filters: squeezed, kernel: 1, relu: false, name: `${name}.fc1` });
  y = activation(network, y, "SiLU", `${name}.activation`);
  y = conv2d(network, y, { filters: channels!, kernel: 1, relu: false, name: `${name}.fc2` });
  y = activation(network, y, "Sigmoid", `${name}.scale_activation`);
  return multiply(network, y, x, `${name}.mul`);
}

/** MobileNetV2's inverted residual with squeeze and excitation before its last convolution. */
function mbConv(
  network: NetworkBuilder,
  x: Value,
  name: string,
  { expansion, kernel, width, stride }: Block,
): Value {
  const [channels] = staticShapeAfterBatch(x);
  const hidden = channels! * expansion;
  let at = 0;
  const next = (): string => `${name}.block.${at++}`;
  let y = x;
  if (expansion > 1) y = activated(network, y, "SiLU", next(), { filters: hidden, kernel: 1 });
  y = activated(network, y, "SiLU", next(), { filters: hidden, kernel, stride, groups: hidden });
  y = excited(network, y, next(), Math.floor(channels! / 4));
  const last = next();
  y = normalized(network, y, { filters: width, kernel: 1 }, { conv: `${last}.0`, norm: `${last}.1` });
  return stride === 1 && channels === width ? add(network, y, x, `${name}.add`) : y;
}

/**
 * EfficientNet-B0 of Tan and Le 2019, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks*, table 1.
 * 5,288,548 parameters. Stochastic depth, which leaves out blocks at random in training, is not part of the network.
 */
export const efficientnetB0: Architecture = architecture({
  name: "efficientnet-b0",
  title: "EfficientNet-B0",
  paper: "Tan and Le 2019, arXiv:1905.11946",
  size: 224,
  smallest: 1,
  scaled: 256,
  filter: "cubic",
  preprocessing: "imagenet",
  head: "classifier.",
  weights: { file: "efficientnet_b0_rwightman-7f5810bc.pth", size: 20.451, top1: 77.692 },
  layers(network, x, scores) {
    x = activated(network, x, "SiLU", "features.0", { filters: 32, kernel: 3, stride: 2 });
    stages.forEach(({ depth, stride, ...stage }, at) => {
      for (let i = 0; i < depth; i++)
        x = mbConv(network, x, `features.${at + 1}.${i}`, { ...stage, stride: i === 0 ? stride : 1 });
    });
    x = activated(network, x, "SiLU", "features.8", { filters: 1280, kernel: 1 });
    x = flatten(network, globalAveragePooling2d(network, x, "avgpool"), "flatten");
    x = dropout(network, x, 0.2, "classifier.0");
    return dense(network, x, { units: scores, name: "classifier.1" });
  },
});
