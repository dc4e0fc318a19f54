import { float32, sizeOf } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";

// ONNX Runtime moves one axis, or whole runs of the last one, many times faster than it permutes freely: so each of these
// takes two steps, first the axis that ends up innermost, then its runs.

/** `[O, I, k, k]` as blocked convolutions read it: `[O/B, I/B, k, k, B of I, B of O]`. */
export function blockWeights(g: GraphBuilder, w: Value, block: number): Value {
  const [o, i, k] = staticShape(w) as [number, number, number];
  const turned = op.transpose(g, op.reshape(g, w, [o, i * k * k]), [1, 0]);
  const split = op.reshape(g, turned, [i / block, block, k * k, o / block, block]);
  return op.reshape(g, op.transpose(g, split, [3, 0, 2, 1, 4]), staticShape(w));
}

/** The same for the input gradient: channels swapped, kernel run backwards; nominal shape `[I, O, k, k]`. */
export function blockFlippedWeights(g: GraphBuilder, w: Value, block: number): Value {
  const [o, i, k] = staticShape(w) as [number, number, number];
  const turned = op.transpose(g, op.reshape(g, w, [o, i, k * k]), [0, 2, 1]);
  const backwards = op.gather(g, turned, g.constant(reversed(k * k)), 1);
  const split = op.reshape(g, backwards, [o / block, block, k * k, i / block, block]);
  return op.reshape(g, op.transpose(g, split, [3, 0, 2, 1, 4]), [i, o, k, k]);
}

/** `[O, C, k, k]` for a plain input of few channels: `[O/B, C, k, k, B of O]`. */
export function blockFilters(g: GraphBuilder, w: Value, block: number): Value {
  const [o, c, k] = staticShape(w) as [number, number, number];
  const split = op.reshape(g, w, [o / block, block, c, k, k]);
  return op.reshape(g, op.transpose(g, split, [0, 2, 3, 4, 1]), staticShape(w));
}

function reversed(length: number) {
  const data = BigInt64Array.from({ length }, (_, index) => BigInt(length - 1 - index));
  return { dtype: "int64", shape: [length], data } as const;
}

/** Constant of one value in a shape. */
export function filled(g: GraphBuilder, shape: readonly number[], value: number): Value {
  return g.constant(float32(shape, new Float32Array(sizeOf(shape)).fill(value)));
}

/** 1 where `a` equals `b`, else 0, for `a ≤ b`; many times faster than Equal and Cast. */
export function equals(g: GraphBuilder, a: Value, b: Value): Value {
  return op.unitStep(g, op.sub(g, a, b), 1);
}

/** `equals` of blocked values in one pass over memory: a depthwise convolution by −1 that adds `b`, then a falling step. */
export function blockedEquals(g: GraphBuilder, a: Value, b: Value): Value {
  const channels = staticShape(a)[1]!;
  return op.blockedConv(g, a, filled(g, [channels, 1, 1, 1], -1), undefined, {
    group: channels,
    sum: b,
    activation: { op: "HardSigmoid", parameters: [-3e38, 1] },
  });
}

/** What of `dy` passes a ReLU whose output is `y`: nothing where that is 0. */
export function throughRelu(g: GraphBuilder, dy: Value, y: Value): Value {
  return op.mul(g, dy, op.unitStep(g, y, 0));
}
