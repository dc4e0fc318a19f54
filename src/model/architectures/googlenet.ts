import type { Value } from "../../graph/graph.ts";
import { type Architecture, architecture } from "../architecture.ts";
import {
  concatenate,
  dense,
  dropout,
  flatten,
  globalAveragePooling2d,
  maxPooling2d,
} from "../layers/index.ts";
import type { NetworkBuilder } from "../network.ts";
import { inceptionConvolution } from "./blocks/inception.ts";

/** Table 1 of the paper: filters of the 1×1, of the 3×3 behind its reduction, of the 5×5 behind its, and behind the pooling. */
const stages = [
  { pool: 3, modules: { "3a": [64, 96, 128, 16, 32, 32], "3b": [128, 128, 192, 32, 96, 64] } },
  {
    pool: 3,
    modules: {
      "4a": [192, 96, 208, 16, 48, 64],
      "4b": [160, 112, 224, 24, 64, 64],
      "4c": [128, 128, 256, 24, 64, 64],
      "4d": [112, 144, 288, 32, 64, 64],
      "4e": [256, 160, 320, 32, 128, 128],
    },
  },
  { pool: 2, modules: { "5a": [256, 160, 320, 32, 128, 128], "5b": [384, 192, 384, 48, 128, 128] } },
] as const;

type Filters = readonly [number, number, number, number, number, number];

/** Figure 2(b). The branch that the paper gives a 5×5 has a 3×3, as in torchvision. */
function inception(network: NetworkBuilder, x: Value, name: string, filters: Filters): Value {
  const [alone, reduced3, after3, reduced5, after5, pooled] = filters;
  const convolved = (input: Value, part: string, count: number, kernel: number): Value =>
    inceptionConvolution(network, input, `${name}.${part}`, { filters: count, kernel, padding: "half" });
  const pool = maxPooling2d(network, x, 3, { stride: 1, padding: 1, ceil: true, name: `${name}.branch4.0` });
  return concatenate(
    network,
    [
      convolved(x, "branch1", alone, 1),
      convolved(convolved(x, "branch2.0", reduced3, 1), "branch2.1", after3, 3),
      convolved(convolved(x, "branch3.0", reduced5, 1), "branch3.1", after5, 3),
      convolved(pool, "branch4.1", pooled, 1),
    ],
    `${name}.cat`,
  );
}

/**
 * GoogLeNet of Szegedy et al. 2014, *Going Deeper with Convolutions*, table 1, with batch normalization and without the auxiliary
 * classifiers, which serve training alone. 6,624,904 parameters. The published weights were trained on levels in [−1, 1].
 */
export const googlenet: Architecture = architecture({
  name: "googlenet",
  title: "GoogLeNet",
  paper: "Szegedy et al. 2014, arXiv:1409.4842",
  size: 224,
  smallest: 15,
  scaled: 256,
  preprocessing: "tf",
  head: "fc.",
  weights: { file: "googlenet-1378be20.pth", size: 49.731, top1: 69.778 },
  layers(network, x, scores) {
    x = inceptionConvolution(network, x, "conv1", { filters: 64, kernel: 7, stride: 2, padding: "half" });
    x = maxPooling2d(network, x, 3, { stride: 2, ceil: true, name: "maxpool1" });
    x = inceptionConvolution(network, x, "conv2", { filters: 64, kernel: 1 });
    x = inceptionConvolution(network, x, "conv3", { filters: 192, kernel: 3, padding: "half" });
    stages.forEach(({ pool, modules }, at) => {
      x = maxPooling2d(network, x, pool, { stride: 2, ceil: true, name: `maxpool${at + 2}` });
      for (const [name, filters] of Object.entries(modules))
        x = inception(network, x, `inception${name}`, filters);
    });
    x = flatten(network, globalAveragePooling2d(network, x, "avgpool"), "flatten");
    x = dropout(network, x, 0.2, "dropout");
    return dense(network, x, { units: scores, name: "fc" });
  },
});
