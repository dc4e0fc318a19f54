import { float32 } from "../../../base/tensor.ts";
import { staticShapeAfterBatch, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import {
  activation,
  averagePooling2d,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPooling2d,
} from "../../layers/index.ts";
import type { NetworkBuilder } from "../../network.ts";

/** Filters of the convolutions in each of VGG's five blocks. */
const widths = [64, 128, 256, 512, 512] as const;

/** Side of the grid that the dense layers look at. */
const GRID = 7;

/**
 * VGG: five blocks of 3×3 convolutions, each block ended by 2×2 max pooling, then three dense layers.
 * @param depths convolutions in each block
 */
export function vgg(network: NetworkBuilder, x: Value, scores: number, depths: readonly number[]): Value {
  let at = 0;
  const next = (): string => `features.${at++}`;
  widths.forEach((filters, block) => {
    for (let i = 0; i < depths[block]!; i++) {
      x = conv2d(network, x, { filters, kernel: 3, padding: "half", relu: false, name: next() });
      x = activation(network, x, "ReLU", next());
    }
    x = maxPooling2d(network, x, 2, { name: next() });
  });
  x = flatten(network, toGrid(network, x), "flatten");
  for (const first of [0, 3]) {
    x = dense(network, x, { units: 4096, name: `classifier.${first}` });
    x = activation(network, x, "ReLU", `classifier.${first + 1}`);
    x = dropout(network, x, 0.5, `classifier.${first + 2}`);
  }
  return dense(network, x, { units: scores, name: "classifier.6" });
}

/**
 * PyTorch's adaptive average pooling to 7×7: place `i` is the mean from `⌊i·side/7⌋` to before `⌈(i+1)·side/7⌉`. Where that makes windows
 * that are not all alike it is a product with their weights, along either axis.
 */
function toGrid(network: NetworkBuilder, x: Value): Value {
  const side = staticShapeAfterBatch(x)[1]!;
  if (side % GRID === 0) return averagePooling2d(network, x, side / GRID, { name: "avgpool" });
  const weights = new Float32Array(side * GRID);
  for (let i = 0; i < GRID; i++) {
    const [start, end] = [Math.floor((i * side) / GRID), Math.ceil(((i + 1) * side) / GRID)];
    for (let at = start; at < end; at++) weights[at * GRID + i] = 1 / (end - start);
  }
  const { g } = network;
  return network.layer(
    "AveragePooling2D",
    "average_pooling2d",
    () => {
      const along = g.constant(float32([side, GRID], weights));
      const rows = op.matMul(g, x, along);
      return op.transpose(g, op.matMul(g, op.transpose(g, rows, [0, 1, 3, 2]), along), [0, 1, 3, 2]);
    },
    "avgpool",
  );
}
