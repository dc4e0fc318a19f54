import type { Size } from "../base/picture.ts";
import { float32, scalar } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { cast, div, gridSample, matMul, reshape, transpose } from "../graph/operators/index.ts";

/** Pictures as a network takes them: `images` uint8 `[N, H, W, 3]` to float32 `[N, 3, H, W]` in 0…1, exactly `x / 255`. */
export function toUnitRange(g: GraphBuilder, images: Value): Value {
  return div(g, cast(g, transpose(g, images, [0, 3, 1, 2]), "float32"), g.constant(scalar(255)));
}

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
