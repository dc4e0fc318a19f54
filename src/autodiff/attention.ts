import { tensor } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { type Node, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { number, scale } from "./pointwise.ts";
import { attribute } from "./rule.ts";

type Shape4 = readonly [batch: number, heads: number, length: number, size: number];

/** What an Attention node works with inside: `Y = P V`, `P = softmax(s Q Kᵀ + mask)`. */
export interface Attended {
  /** `[N, heads, L, D]`. */
  readonly q: Value;
  /** `[N, heads, M, D]`; each head as often as it has queries. */
  readonly k: Value;
  readonly v: Value;
  /** `[N, heads, L, M]`, worked out anew. */
  readonly p: Value;
  /** `s`. */
  readonly factor: number;
  /** How many heads of queries share one of keys and values. */
  readonly times: number;
}

/** @param inputs of the node, its first four */
export function attended(g: GraphBuilder, node: Node, inputs: readonly (Value | undefined)[]): Attended {
  const [query, key, value, mask] = inputs as [Value, Value, Value, Value | undefined];
  const keyHeads = attribute(node, "kv_num_heads", 1);
  const q = byHeads(g, query, queryHeads(node));
  const [ownKeys, ownValues] = [byHeads(g, key, keyHeads), byHeads(g, value, keyHeads)];
  const times = staticShape(q)[1]! / staticShape(ownKeys)[1]!;
  const [k, v] = [repeated(g, ownKeys, times), repeated(g, ownValues, times)];
  const factor = attribute(node, "scale", 1 / Math.sqrt(staticShape(q)[3]!));
  const scores = scale(g, op.fusedMatMul(g, q, k, { transB: true }), factor);
  return { q, k, v, p: op.softmax(g, masked(g, node, scores, mask)), factor, times };
}

export const queryHeads = (node: Node): number => attribute(node, "q_num_heads", 1);

/** `[N, L, heads · D]` as `[N, heads, L, D]`, which it may be already. */
export function byHeads(g: GraphBuilder, x: Value, heads: number): Value {
  const shape = staticShape(x);
  if (shape.length === 4) return x;
  const [batch, length, width] = shape as [number, number, number];
  return op.transpose(g, op.reshape(g, x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** Each head `times` in a row, where several heads of queries share one of keys and values. */
function repeated(g: GraphBuilder, x: Value, times: number): Value {
  if (times === 1) return x;
  const [batch, heads, length, size] = staticShape(x) as Shape4;
  const copies = Array.from({ length: times }, () => op.reshape(g, x, [batch, heads, 1, length, size]));
  return op.reshape(g, op.concat(g, copies, 2), [batch, heads * times, length, size]);
}

/** Scores with what may not be looked at pushed out of the softmax: by the node's mask, and by `is_causal`. */
function masked(g: GraphBuilder, node: Node, scores: Value, mask: Value | undefined): Value {
  const out = number(g, Number.NEGATIVE_INFINITY);
  const [rows, columns] = staticShape(scores).slice(2) as [number, number];
  let kept = scores;
  if (mask) kept = mask.dtype === "bool" ? op.where(g, mask, kept, out) : op.add(g, kept, mask);
  if (!attribute(node, "is_causal", 0)) return kept;
  const before = Uint8Array.from({ length: rows * columns }, (_, at) =>
    Number(at % columns <= Math.floor(at / columns)),
  );
  return op.where(g, g.constant(tensor("bool", [rows, columns], before)), kept, out);
}
