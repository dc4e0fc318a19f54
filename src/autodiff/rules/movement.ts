import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast, zeros } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** The same elements under the input's shape again. */
const unreshape: Rule = ({ g, inputs, gradients }) => [op.reshape(g, gradients[0]!, staticShape(inputs[0]!))];

const transpose: Rule = ({ g, node, inputs, gradients }) => {
  const rank = staticShape(inputs[0]!).length;
  const permutation = attribute<readonly number[]>(
    node,
    "perm",
    Array.from({ length: rank }, (_, axis) => rank - 1 - axis),
  );
  return [
    op.transpose(
      g,
      gradients[0]!,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ];
};

const concat: Rule = ({ g, node, inputs, gradients }) => {
  const parts = inputs as readonly Value[];
  const rank = staticShape(parts[0]!).length;
  const axis = (attribute(node, "axis", 0) + rank) % rank;
  return op.split(
    g,
    gradients[0]!,
    parts.map((part) => staticShape(part)[axis]!),
    axis,
  );
};

/** The parts' gradients side by side; a part that the score does not depend on brings zeros. */
const split: Rule = ({ g, node, inputs, outputs, gradients }) => {
  const rank = staticShape(inputs[0]!).length;
  const parts = outputs.map((output, at) => gradients[at] ?? zeros(g, staticShape(output)));
  return [op.concat(g, parts, (attribute(node, "axis", 0) + rank) % rank)];
};

const tile: Rule = ({ g, inputs, outputs, gradients }) => {
  const shape = staticShape(inputs[0]!);
  const repeats = staticShape(outputs[0]!).map((extent, axis) => extent / shape[axis]!);
  const copies = op.reshape(
    g,
    gradients[0]!,
    shape.flatMap((extent, axis) => [repeats[axis]!, extent]),
  );
  return [
    op.reduceSum(
      g,
      copies,
      shape.map((_, axis) => 2 * axis),
    ),
  ];
};

/** `[N, C·b², H, W]` from `[N, C, H·b, W·b]`: blocks of pixels back into channels. */
const depthToSpace: Rule = ({ g, node, inputs, gradients }) => {
  const shape = staticShape(inputs[0]!);
  const [n, depth, h, w] = shape as [number, number, number, number];
  const block = attribute(node, "blocksize", 1);
  const pixels = op.reshape(g, gradients[0]!, [n, depth / block ** 2, h, block, w, block]);
  // CRD counts channels first, then the place in the block; DCR the other way round.
  const order = attribute(node, "mode", "DCR") === "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
  return [op.reshape(g, op.transpose(g, pixels, order), shape)];
};

const spaceToDepth: Rule = ({ g, node, inputs, gradients }) => {
  const shape = staticShape(inputs[0]!);
  const [n, c, h, w] = shape as [number, number, number, number];
  const block = attribute(node, "blocksize", 1);
  const channels = op.reshape(g, gradients[0]!, [n, block, block, c, h / block, w / block]);
  return [op.reshape(g, op.transpose(g, channels, [0, 3, 4, 1, 5, 2]), shape)];
};

export const movement: Ruleset = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: ({ g, inputs, gradients }) => [unbroadcast(g, gradients[0]!, inputs[0]!)],
  Flatten: unreshape,
  Reshape: unreshape,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: unreshape,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unreshape,
};
