import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { Combination } from "../option.ts";
import { principalMaps } from "./principal-maps.ts";

/** Weighted maps `[N, C, h, w]` as one for each picture, `[N, h, w]`. */
export function combined(g: GraphBuilder, maps: Value, how: Combination): Value {
  return how === "sum" ? op.reduceSum(g, maps, [1]) : principalMaps(g, maps);
}
