import { staticShapeAfterBatch, type Value } from "../../graph/graph.ts";
import { type Architecture, architecture } from "../architecture.ts";
import {
  activation,
  averagePooling2d,
  batchNormalization,
  concatenate,
  conv2d,
  dense,
  flatten,
  globalAveragePooling2d,
  maxPooling2d,
} from "../layers/index.ts";
import type { NetworkBuilder } from "../network.ts";
import { normalized } from "./blocks/convolutions.ts";

/** Channels that each layer adds, k in the paper. */
const GROWTH = 32;

/** Layers in each dense block. */
const depths = [6, 12, 24, 16] as const;

/** Batch normalization, ReLU, and a convolution behind them. */
function preactivated(
  network: NetworkBuilder,
  x: Value,
  names: { readonly norm: string; readonly relu: string; readonly conv: string },
  convolution: { readonly filters: number; readonly kernel: number },
): Value {
  const y = activation(network, batchNormalization(network, x, { name: names.norm }), "ReLU", names.relu);
  return conv2d(network, y, { ...convolution, padding: "half", bias: false, relu: false, name: names.conv });
}

/** Layers of which each sees the channels of all before it (eq. 2), through a 1×1 bottleneck. */
function denseBlock(network: NetworkBuilder, x: Value, block: string, depth: number): Value {
  const features = [x];
  for (let i = 1; i <= depth; i++) {
    const name = `${block}.denselayer${i}`;
    const names = (at: number) => ({
      norm: `${name}.norm${at}`,
      relu: `${name}.relu${at}`,
      conv: `${name}.conv${at}`,
    });
    let y = i === 1 ? x : concatenate(network, features, `${name}.cat`);
    y = preactivated(network, y, names(1), { filters: 4 * GROWTH, kernel: 1 });
    features.push(preactivated(network, y, names(2), { filters: GROWTH, kernel: 3 }));
  }
  return concatenate(network, features, `${block}.cat`);
}

/** Half the channels, half the size. */
function transition(network: NetworkBuilder, x: Value, name: string): Value {
  const [channels] = staticShapeAfterBatch(x);
  const names = { norm: `${name}.norm`, relu: `${name}.relu`, conv: `${name}.conv` };
  const y = preactivated(network, x, names, { filters: channels! / 2, kernel: 1 });
  return averagePooling2d(network, y, 2, { name: `${name}.pool` });
}

/**
 * DenseNet-121 of Huang et al. 2016, *Densely Connected Convolutional Networks*, table 1: DenseNet-BC with k = 32. 7,978,856
 * parameters.
 */
export const densenet121: Architecture = architecture({
  name: "densenet121",
  title: "DenseNet-121",
  paper: "Huang et al. 2016, arXiv:1608.06993",
  size: 224,
  smallest: 29,
  scaled: 256,
  preprocessing: "imagenet",
  head: "classifier.",
  weights: { file: "densenet121-a639ec97.pth", size: 30.845, top1: 74.434 },
  layers(network, x, scores) {
    x = normalized(
      network,
      x,
      { filters: 64, kernel: 7, stride: 2, padding: "half" },
      { conv: "features.conv0", norm: "features.norm0" },
    );
    x = activation(network, x, "ReLU", "features.relu0");
    x = maxPooling2d(network, x, 3, { stride: 2, padding: 1, name: "features.pool0" });
    depths.forEach((depth, at) => {
      x = denseBlock(network, x, `features.denseblock${at + 1}`, depth);
      if (at < depths.length - 1) x = transition(network, x, `features.transition${at + 1}`);
    });
    x = batchNormalization(network, x, { name: "features.norm5" });
    x = activation(network, x, "ReLU", "relu");
    x = flatten(network, globalAveragePooling2d(network, x, "adaptive_avg_pool2d"), "flatten");
    return dense(network, x, { units: scores, name: "classifier" });
  },
});
