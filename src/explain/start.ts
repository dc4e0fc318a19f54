import { staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import type { GraphContext } from "./method.ts";
import type { Start } from "./option.ts";

/** What a walk back from the score begins with, in the shape of `explained`: the seed, or the seed times the score. */
export function startSeed({ g, explained, seed }: GraphContext, start: Start): Value {
  if (start === "one") return seed;
  const others = staticShape(explained).flatMap((_, axis) => (axis === 0 ? [] : [axis]));
  return op.mul(g, seed, op.reduceSum(g, op.mul(g, explained, seed), others, true));
}
