import type { Value } from "../../graph/graph.ts";
import { type Architecture, architecture } from "../architecture.ts";
import {
  activation,
  concatenate,
  conv2d,
  dropout,
  flatten,
  globalAveragePooling2d,
  maxPooling2d,
} from "../layers/index.ts";
import type { NetworkBuilder } from "../network.ts";

/** Squeeze to a few channels by 1×1, expand by 1×1 and 3×3 side by side: figure 1 of the paper. */
function fire(network: NetworkBuilder, x: Value, name: string, squeezed: number, expanded: number): Value {
  const convolved = (input: Value, part: string, filters: number, kernel: number): Value => {
    const title = `${name}.${part}`;
    const y = conv2d(network, input, { filters, kernel, padding: "half", relu: false, name: title });
    return activation(network, y, "ReLU", `${title}_activation`);
  };
  const y = convolved(x, "squeeze", squeezed, 1);
  const parts = [convolved(y, "expand1x1", expanded, 1), convolved(y, "expand3x3", expanded, 3)];
  return concatenate(network, parts, `${name}.cat`);
}

/** Channels of each fire module, squeezed and expanded; poolings stand between. */
const stages = [
  [
    [16, 64],
    [16, 64],
  ],
  [
    [32, 128],
    [32, 128],
  ],
  [
    [48, 192],
    [48, 192],
    [64, 256],
    [64, 256],
  ],
] as const;

/**
 * SqueezeNet 1.1, by the authors of Iandola et al. 2016, *SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB
 * model size*: poolings earlier than in table 1 and a 3×3 at the front, for 2.4 times less work. 1,235,496 parameters. Its scores
 * are means over places, behind a ReLU: none is below 0.
 */
export const squeezenet11: Architecture = architecture({
  name: "squeezenet1-1",
  title: "SqueezeNet 1.1",
  paper: "Iandola et al. 2016, arXiv:1602.07360",
  size: 224,
  smallest: 17,
  scaled: 256,
  preprocessing: "imagenet",
  head: "classifier.",
  weights: { file: "squeezenet1_1-b8a52dc0.pth", size: 4.729, top1: 58.178 },
  layers(network, x, scores) {
    let at = 0;
    const next = (): string => `features.${at++}`;
    x = conv2d(network, x, { filters: 64, kernel: 3, stride: 2, relu: false, name: next() });
    x = activation(network, x, "ReLU", next());
    for (const stage of stages) {
      x = maxPooling2d(network, x, 3, { stride: 2, ceil: true, name: next() });
      for (const [squeezed, expanded] of stage) x = fire(network, x, next(), squeezed, expanded);
    }
    x = dropout(network, x, 0.5, "classifier.0");
    x = conv2d(network, x, { filters: scores, kernel: 1, relu: false, name: "classifier.1" });
    x = activation(network, x, "ReLU", "classifier.2");
    return flatten(network, globalAveragePooling2d(network, x, "classifier.3"), "flatten");
  },
});
