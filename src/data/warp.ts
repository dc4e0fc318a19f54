import type { Size } from "../base/picture.ts";
import { float32 } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { gridSample, matMul, reshape } from "../graph/operators/index.ts";

/**
 * Warps `x [N, C, H, W]` by `transforms [N, 3, 2]` (see `warpTransforms`): bilinear between pixel centres, and outside
 * the picture its nearest border pixel. SciPy's `affine_transform` with order 1 and mode "nearest", which Keras calls.
 */
export function warp(g: GraphBuilder, x: Value, transforms: Value, { width, height }: Size): Value {
  const places = new Float32Array(height * width * 3);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 3) places.set([x - (width - 1) / 2, y - (height - 1) / 2, 1], i);
  const grid = matMul(g, g.constant(float32([height * width, 3], places)), transforms);
  return gridSample(g, x, reshape(g, grid, [x.shape![0]!, height, width, 2]));
}
