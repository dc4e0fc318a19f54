import { float32 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { FusedBlock } from "../fused.ts";
import { blockedEquals, blockFilters, throughRelu } from "./layout.ts";

/** The four places of a pooling window, by row and column. */
const places = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/**
 * Convolution, ReLU and 2×2 max pooling of an image of few channels. Its activation would be the largest tensor of the network,
 * so it is never made: the pool is the maximum of four convolutions of stride 2, one for each place of the windows, and
 * the weight gradient comes from the image's own places. The image itself gets no gradient.
 */
export function imageConvReluPool(
  g: GraphBuilder,
  x: Value,
  w: Value,
  b: Value,
  block: number,
): Omit<FusedBlock, "values"> {
  const activations = places.map(([row, column]) => {
    const moved = op.pad(g, w, [0, 0, row, column, 0, 0, 1 - row, 1 - column]);
    return op.blockedConv(g, x, blockFilters(g, moved, block), b, {
      strides: [2, 2],
      activation: { op: "Relu" },
    });
  });
  // Running maxima: `levels[k]` is that of the first k + 1 places.
  const levels = [activations[0]!];
  for (const next of activations.slice(1)) levels.push(op.max(g, levels.at(-1)!, next));
  const output = levels.at(-1)!;
  return {
    inputs: [x, w, b],
    output,
    gradient(g, dy, needs) {
      if (needs[0]) throw new Error("a fused image convolution gives no gradient for its image");
      // What arrives at a level goes down to the one before where that had the maximum already, so the first one wins.
      const arriving = [throughRelu(g, dy, output)];
      for (let level = 2; level >= 0; level--)
        arriving.unshift(op.mul(g, blockedEquals(g, levels[level]!, levels[level + 1]!), arriving[0]!));
      return [
        undefined,
        needs[1] ? weightGradient(g, arriving, x, w, block) : undefined,
        needs[2] ? biasGradient(g, arriving.at(-1)!, block) : undefined,
      ];
    },
  };
}

/**
 * A place's own gradient is what arrives at its level less what goes on down; its weight gradient is a window of one
 * product of that with the image's patches of `k + 1` squared. Windows are subtracted instead of gradients: they are tiny.
 */
function weightGradient(
  g: GraphBuilder,
  arriving: readonly Value[],
  x: Value,
  w: Value,
  block: number,
): Value {
  const [outputs, channels, kernel] = staticShape(w) as [number, number, number];
  const [n, , rows, columns] = staticShape(arriving[0]!) as [number, number, number, number];
  const side = kernel + 1;
  const patches = imagePatches(g, x, channels, side, block);
  const count = staticShape(patches)[2]!;
  let total: Value | undefined;
  for (const [level, slope] of arriving.entries()) {
    const blocks = op.reshape(g, slope, [n, outputs / block, rows * columns, block]);
    const product = op.reduceSum(g, op.matMul(g, patches, blocks), [0]);
    const table = op.reshape(g, op.transpose(g, product, [1, 0, 2]), [count, outputs]);
    const used = op.reshape(g, op.slice(g, table, [0], [0], [channels * side * side]), [
      channels,
      side,
      side,
      outputs,
    ]);
    const window = (place: number): Value => {
      const [row, column] = places[place]!;
      return op.slice(g, used, [1, 2], [row, column], [row + kernel, column + kernel]);
    };
    const own = level < 3 ? op.sub(g, window(level), window(level + 1)) : window(level);
    total = total ? op.add(g, total, own) : own;
  }
  return op.transpose(g, total!, [3, 0, 1, 2]);
}

/** Every second patch of the image, by rows and columns, as columns: `[N, 1, C·side², positions]`, filled up to whole blocks. */
function imagePatches(g: GraphBuilder, x: Value, channels: number, side: number, block: number): Value {
  const area = side * side;
  const count = Math.ceil((channels * area) / block) * block;
  const weights = new Float32Array(count * channels * area);
  for (let row = 0; row < channels * area; row++) {
    const [channel, place] = [Math.floor(row / area), row % area];
    weights[((Math.floor(row / block) * channels + channel) * area + place) * block + (row % block)] = 1;
  }
  const picked = op.blockedConv(
    g,
    x,
    g.constant(float32([count, channels, side, side], weights)),
    undefined,
    {
      strides: [2, 2],
    },
  );
  const [n, , rows, columns] = staticShape(picked) as [number, number, number, number];
  return op.reshape(g, op.reorderOutput(g, picked), [n, 1, count, rows * columns]);
}

function biasGradient(g: GraphBuilder, dy: Value, block: number): Value {
  const [n, outputs, rows, columns] = staticShape(dy) as [number, number, number, number];
  const blocks = op.reshape(g, dy, [n, outputs / block, rows * columns, block]);
  return op.reshape(g, op.reduceSum(g, op.reduceSum(g, blocks, [2]), [0]), [outputs]);
}
