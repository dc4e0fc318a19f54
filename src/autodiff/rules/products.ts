import { scalar } from "../../base/tensor.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import type { Rule, Ruleset } from "../rule.ts";
import { attribute } from "../rule.ts";

/** `Y = α op(A) op(B) + β C`: `dA = α dY op(B)ᵀ`, `dB = α op(A)ᵀ dY`, `dC = β dY` (turned where the operand was). */
const gemm: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [a, b, c] = inputs as [Value, Value, Value | undefined];
  const dy = gradients[0]!;
  const alpha = attribute(node, "alpha", 1);
  const beta = attribute(node, "beta", 1);
  const transA = attribute(node, "transA", 0) === 1;
  const transB = attribute(node, "transB", 0) === 1;
  const da = () =>
    transA
      ? op.gemm(g, b, dy, undefined, { transA: transB, transB: true, alpha })
      : op.gemm(g, dy, b, undefined, { transB: !transB, alpha });
  const db = () =>
    transB
      ? op.gemm(g, dy, a, undefined, { transA: true, transB: transA, alpha })
      : op.gemm(g, a, dy, undefined, { transA: !transA, alpha });
  const dc = (value: Value) => {
    const sum = unbroadcast(g, dy, value);
    return beta === 1 ? sum : op.mul(g, sum, g.constant(scalar(beta)));
  };
  return [needs[0] ? da() : undefined, needs[1] ? db() : undefined, c && needs[2] ? dc(c) : undefined];
};

/** `Y = A B` in batches: `dA = dY Bᵀ`, `dB = Aᵀ dY`, summed over broadcast batch axes. Matrices only, no vectors. */
const matMul: Rule = ({ g, inputs, gradients, needs }) => {
  const [a, b] = inputs as [Value, Value];
  const dy = gradients[0]!;
  return [
    needs[0] ? unbroadcast(g, op.fusedMatMul(g, dy, b, { transB: true }), a) : undefined,
    needs[1] ? unbroadcast(g, op.fusedMatMul(g, a, dy, { transA: true }), b) : undefined,
  ];
};

export const products: Ruleset = { Gemm: gemm, MatMul: matMul };
