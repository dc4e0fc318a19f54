import { UserError } from "../../base/errors.ts";
import { tensor } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { number, scale } from "../pointwise.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";

type Shape4 = readonly [batch: number, heads: number, length: number, size: number];

/** `[N, L, heads · D]` as `[N, heads, L, D]`, which it may be already. */
function byHeads(g: GraphBuilder, x: Value, heads: number): Value {
  const shape = staticShape(x);
  if (shape.length === 4) return x;
  const [batch, length, width] = shape as [number, number, number];
  return op.transpose(g, op.reshape(g, x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** The adjoint of `byHeads`. */
const joined = (g: GraphBuilder, gradient: Value, like: Value): Value =>
  staticShape(like).length === 4
    ? gradient
    : op.reshape(g, op.transpose(g, gradient, [0, 2, 1, 3]), staticShape(like));

/** Each head `times` in a row, where several heads of queries share one of keys and values. */
function repeated(g: GraphBuilder, x: Value, times: number): Value {
  if (times === 1) return x;
  const [batch, heads, length, size] = staticShape(x) as Shape4;
  const copies = Array.from({ length: times }, () => op.reshape(g, x, [batch, heads, 1, length, size]));
  return op.reshape(g, op.concat(g, copies, 2), [batch, heads * times, length, size]);
}

/** The adjoint of `repeated`. */
function summed(g: GraphBuilder, gradient: Value, times: number): Value {
  if (times === 1) return gradient;
  const [batch, heads, length, size] = staticShape(gradient) as Shape4;
  return op.reduceSum(g, op.reshape(g, gradient, [batch, heads / times, times, length, size]), [2]);
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

function refuseUnknown({ node, inputs, gradients }: RuleContext): void {
  const past = inputs.slice(4).some((input) => input !== undefined);
  if (past || attribute(node, "softcap", 0) || gradients.slice(1).some((other) => other !== undefined))
    throw new UserError(
      `Attention (node "${node.name}") has no gradient with a cache, a softcap or more than its first output; export the model without.`,
    );
}

/**
 * `Y = P V`, `P = softmax(s Q Kᵀ + mask)`: `dV = Pᵀ dY`, and with `dS = P (dY Vᵀ − Σ dY·Y)`, the sum over each row (Dao et
 * al. 2022), `dQ = s dS K` and `dK = s dSᵀ Q`. P is worked out anew.
 */
const attention: Rule = (context) => {
  refuseUnknown(context);
  const { g, node, inputs, outputs, gradients, needs } = context;
  const [query, key, value, mask] = inputs as [Value, Value, Value, Value | undefined];
  const queryHeads = attribute(node, "q_num_heads", 1);
  const keyHeads = attribute(node, "kv_num_heads", 1);
  const q = byHeads(g, query, queryHeads);
  const [ownKeys, ownValues] = [byHeads(g, key, keyHeads), byHeads(g, value, keyHeads)];
  const times = staticShape(q)[1]! / staticShape(ownKeys)[1]!;
  const [k, v] = [repeated(g, ownKeys, times), repeated(g, ownValues, times)];
  const [y, dy] = [byHeads(g, outputs[0]!, queryHeads), byHeads(g, gradients[0]!, queryHeads)];

  const factor = attribute(node, "scale", 1 / Math.sqrt(staticShape(q)[3]!));
  const scores = scale(g, op.fusedMatMul(g, q, k, { transB: true }), factor);
  const p = op.softmax(g, masked(g, node, scores, mask));
  const along = op.reduceSum(g, op.mul(g, dy, y), [-1], true);
  const ds = op.mul(g, p, op.sub(g, op.fusedMatMul(g, dy, v, { transB: true }), along));
  const byQuery = (): Value => scale(g, op.matMul(g, ds, k), factor);
  const byKey = (): Value => scale(g, op.fusedMatMul(g, ds, q, { transA: true }), factor);
  const byValue = (): Value => op.fusedMatMul(g, p, dy, { transA: true });
  return [
    needs[0] ? joined(g, byQuery(), query) : undefined,
    needs[1] ? joined(g, summed(g, byKey(), times), key) : undefined,
    needs[2] ? joined(g, summed(g, byValue(), times), value) : undefined,
    mask && needs[3] && mask.dtype !== "bool" ? unbroadcast(g, ds, mask) : undefined,
  ];
};

export const attentions: Ruleset = { Attention: attention };
