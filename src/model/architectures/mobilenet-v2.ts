import { staticShapeAfterBatch, type Value } from "../../graph/graph.ts";
import { type Architecture, architecture } from "../architecture.ts";
import { add, dense, dropout, flatten, globalAveragePooling2d } from "../layers/index.ts";
import type { NetworkBuilder } from "../network.ts";
import { activated, normalized } from "./blocks/convolutions.ts";

/** Table 2 of the paper, a stage a row. */
const stages = [
  { expansion: 1, width: 16, depth: 1, stride: 1 },
  { expansion: 6, width: 24, depth: 2, stride: 2 },
  { expansion: 6, width: 32, depth: 3, stride: 2 },
  { expansion: 6, width: 64, depth: 4, stride: 2 },
  { expansion: 6, width: 96, depth: 3, stride: 1 },
  { expansion: 6, width: 160, depth: 3, stride: 2 },
  { expansion: 6, width: 320, depth: 1, stride: 1 },
] as const;

interface Block {
  readonly expansion: number;
  readonly width: number;
  readonly stride: number;
}

/** Expansion by 1×1, depthwise 3×3, and a 1×1 without nonlinearity; its input is added where shapes agree (figure 4). */
function invertedResidual(
  network: NetworkBuilder,
  x: Value,
  name: string,
  { expansion, width, stride }: Block,
): Value {
  const [channels] = staticShapeAfterBatch(x);
  const hidden = channels! * expansion;
  let at = 0;
  const next = (): string => `${name}.conv.${at++}`;
  let y = x;
  if (expansion > 1) y = activated(network, y, "ReLU6", next(), { filters: hidden, kernel: 1 });
  y = activated(network, y, "ReLU6", next(), { filters: hidden, kernel: 3, stride, groups: hidden });
  y = normalized(network, y, { filters: width, kernel: 1 }, { conv: next(), norm: next() });
  return stride === 1 && channels === width ? add(network, x, y, `${name}.add`) : y;
}

/**
 * MobileNetV2 of Sandler et al. 2018, *MobileNetV2: Inverted Residuals and Linear Bottlenecks*, table 2, at width 1. 3,504,872
 * parameters.
 */
export const mobilenetV2: Architecture = architecture({
  name: "mobilenet-v2",
  title: "MobileNetV2",
  paper: "Sandler et al. 2018, arXiv:1801.04381",
  size: 224,
  smallest: 1,
  scaled: 256,
  preprocessing: "imagenet",
  head: "classifier.",
  weights: { file: "mobilenet_v2-b0353104.pth", size: 13.555, top1: 71.878 },
  layers(network, x, scores) {
    let at = 0;
    const next = (): string => `features.${at++}`;
    x = activated(network, x, "ReLU6", next(), { filters: 32, kernel: 3, stride: 2 });
    for (const { depth, stride, ...stage } of stages)
      for (let i = 0; i < depth; i++)
        x = invertedResidual(network, x, next(), { ...stage, stride: i === 0 ? stride : 1 });
    x = activated(network, x, "ReLU6", next(), { filters: 1280, kernel: 1 });
    x = flatten(network, globalAveragePooling2d(network, x, "adaptive_avg_pool2d"), "flatten");
    x = dropout(network, x, 0.2, "classifier.0");
    return dense(network, x, { units: scores, name: "classifier.1" });
  },
});
