import { float32 } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";

/** The adjoint of broadcasting: sums `gradient` over the axes along which `like` was repeated. */
export function unbroadcast(g: GraphBuilder, gradient: Value, like: Value): Value {
  const from = staticShape(gradient);
  const to = staticShape(like);
  const extra = from.length - to.length;
  const axes = from.flatMap((extent, axis) =>
    axis < extra || (to[axis - extra] === 1 && extent !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return gradient;
  const summed = op.reduceSum(g, gradient, axes, true);
  return extra ? op.reshape(g, summed, to) : summed;
}

/** Zeros of a shape, spread from one. */
export function zeros(g: GraphBuilder, shape: readonly number[]): Value {
  const ones = shape.map(() => 1);
  return op.expand(g, g.constant(float32(ones, [0])), shape);
}

/** A vector with an element a channel, `[C]`, as `[C, 1, …]`, so that it broadcasts over `[N, C, …]`. */
export function perChannel(g: GraphBuilder, vector: Value, rank: number): Value {
  return op.reshape(g, vector, [...staticShape(vector), ...Array.from({ length: rank - 2 }, () => 1)]);
}

/** The adjoint of `perChannel` and its broadcasting: sums over all but the channels, `[N, C, …]` to `[C]`. */
export function channelSums(g: GraphBuilder, gradient: Value): Value {
  return op.reduceSum(
    g,
    gradient,
    staticShape(gradient).flatMap((_, axis) => (axis === 1 ? [] : [axis])),
  );
}
