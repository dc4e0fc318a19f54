import { scalar } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { leadingEigenvectors, quotient } from "./leading-eigenvectors.ts";

/**
 * The projection of each place's channels on their first principal component: of maps `[N, C, h, w]` the map `[N, h, w]` that
 * tells most of them. With `M` `[h·w, C]`, the channels less their means over the places, it is `M v` for the first right
 * singular vector `v` of `M`. Its sign, which that leaves open, is the one in which it goes with the sum over the channels.
 */
export function principalMaps(g: GraphBuilder, maps: Value): Value {
  const [n, , h, w] = staticShape(maps) as [number, number, number, number];
  const rows = centredPlaces(g, maps);
  return towards(g, op.reduceSum(g, maps, [1]), op.reshape(g, projections(g, rows), [n, h, w]));
}

/** Maps `[N, C, h, w]` as rows of channels, less their means over the places: `[N, h·w, C]`, in float64. */
export function centredPlaces(g: GraphBuilder, maps: Value): Value {
  const [n, channels, h, w] = staticShape(maps) as [number, number, number, number];
  const columns = op.cast(g, op.reshape(g, maps, [n, channels, h * w]), "float64");
  const centred = op.sub(g, columns, op.reduceMean(g, columns, [2], true));
  return op.transpose(g, centred, [0, 2, 1]);
}

/** The map `[N, h, w]` in float32, turned over where it goes against `guide`, its like. */
export function towards(g: GraphBuilder, guide: Value, map: Value): Value {
  const single = op.cast(g, map, "float32");
  const along = op.reduceSum(g, op.mul(g, guide, single), [1, 2], true);
  return op.where(g, op.less(g, along, g.constant(scalar(0))), op.neg(g, single), single);
}

/** `M v` of each matrix `[N, P, C]`, by the smaller of its two tables of products. */
function projections(g: GraphBuilder, rows: Value): Value {
  const [, places, channels] = staticShape(rows) as [number, number, number];
  const turned = op.transpose(g, rows, [0, 2, 1]);
  if (channels <= places) return op.matMul(g, rows, leadingEigenvectors(g, op.matMul(g, turned, rows)));
  // M Mᵀ u = λ u, and v = Mᵀ u / √λ.
  const u = leadingEigenvectors(g, op.matMul(g, rows, turned));
  const back = op.matMul(g, turned, u);
  return quotient(g, op.matMul(g, rows, back), op.reduceL2(g, back, [1], true));
}
