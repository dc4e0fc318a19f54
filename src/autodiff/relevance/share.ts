import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { nonzero, number, scale } from "../pointwise.ts";
import type { LinearLayer } from "./linear-layer.ts";

/** How a layer shares out the relevance of its outputs, in the shape of `y`, among its inputs, in that of `x`. */
export type LayerRule = (layer: LinearLayer, relevance: Value) => Value;

/**
 * Relevance for each unit of what made an output, `r / (z + ε sign z)`, where the sign of 0 is 1. Without ε an output of 0 passes nothing
 * on, as nothing made it.
 */
export function perUnit(g: GraphBuilder, r: Value, z: Value, epsilon = 0): Value {
  if (epsilon === 0) return op.div(g, r, nonzero(g, z));
  const sign = op.sub(g, scale(g, op.unitStep(g, z, 1), 2), number(g, 1));
  return op.div(g, r, op.add(g, z, scale(g, sign, epsilon)));
}

/** `max(x, 0)` */
export const positive = (g: GraphBuilder, x: Value): Value => op.relu(g, x);

/** `min(x, 0)` */
export const negative = (g: GraphBuilder, x: Value): Value => op.min(g, x, number(g, 0));

/** The sum of the terms that there are. */
export const plus = (g: GraphBuilder, ...terms: readonly (Value | undefined)[]): Value =>
  op.sum(g, ...terms.filter((term) => term !== undefined));
