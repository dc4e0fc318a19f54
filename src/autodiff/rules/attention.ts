import { UserError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { attended, byHeads, queryHeads } from "../attention.ts";
import { unbroadcast } from "../broadcast.ts";
import { scale } from "../pointwise.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";

/** The adjoint of `byHeads`. */
const joined = (g: GraphBuilder, gradient: Value, like: Value): Value =>
  staticShape(like).length === 4
    ? gradient
    : op.reshape(g, op.transpose(g, gradient, [0, 2, 1, 3]), staticShape(like));

/** The adjoint of repeating each head `times`. */
function summed(g: GraphBuilder, gradient: Value, times: number): Value {
  if (times === 1) return gradient;
  const [batch, heads, length, size] = staticShape(gradient) as [number, number, number, number];
  return op.reduceSum(g, op.reshape(g, gradient, [batch, heads / times, times, length, size]), [2]);
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
 * al. 2022), `dQ = s dS K` and `dK = s dSᵀ Q`.
 */
const attention: Rule = (context) => {
  refuseUnknown(context);
  const { g, node, inputs, outputs, gradients, needs } = context;
  const [query, key, value, mask] = inputs as [Value, Value, Value, Value | undefined];
  const { q, k, v, p, factor, times } = attended(g, node, inputs);
  const [y, dy] = [byHeads(g, outputs[0]!, queryHeads(node)), byHeads(g, gradients[0]!, queryHeads(node))];

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
