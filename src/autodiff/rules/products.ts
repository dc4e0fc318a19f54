import { UserError } from "../../base/errors.ts";
import { sizeOf } from "../../base/tensor.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { scale } from "../pointwise.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** `Y = α op(A) op(B) + β C`: `dA = α dY op(B)ᵀ`, `dB = α op(A)ᵀ dY`, `dC = β dY` (turned where the operand was). */
const gemm: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [a, b, c] = inputs as [Value, Value, Value | undefined];
  const dy = gradients[0]!;
  const alpha = attribute(node, "alpha", 1);
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
  return [
    needs[0] ? da() : undefined,
    needs[1] ? db() : undefined,
    c && needs[2] ? scale(g, unbroadcast(g, dy, c), attribute(node, "beta", 1)) : undefined,
  ];
};

/**
 * `Y = A B` in batches: `dA = dY Bᵀ`, `dB = Aᵀ dY`, summed over broadcast batch axes (either operand may be turned,
 * in FusedMatMul). A vector counts as a row on the left and a column on the right.
 */
const matMul: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [left, right] = inputs as [Value, Value];
  const [shapeA, shapeB] = [staticShape(left), staticShape(right)];
  const a = shapeA.length === 1 ? op.reshape(g, left, [1, ...shapeA]) : left;
  const b = shapeB.length === 1 ? op.reshape(g, right, [...shapeB, 1]) : right;
  const transA = attribute(node, "transA", 0) === 1;
  const transB = attribute(node, "transB", 0) === 1;
  const rows = staticShape(a).at(transA ? -1 : -2)!;
  const columns = staticShape(b).at(transB ? -2 : -1)!;
  const scaled = scale(g, gradients[0]!, attribute(node, "alpha", 1));
  const batch = staticShape(scaled).slice(
    0,
    staticShape(scaled).length - matrixAxes(shapeA) - matrixAxes(shapeB),
  );
  const dy = op.reshape(g, scaled, [...batch, rows, columns]);
  const da = () =>
    transA
      ? op.fusedMatMul(g, b, dy, { transA: transB, transB: true })
      : op.fusedMatMul(g, dy, b, { transB: !transB });
  const db = () =>
    transB
      ? op.fusedMatMul(g, dy, a, { transA: true, transB: transA })
      : op.fusedMatMul(g, a, dy, { transA: !transA });
  // One matrix that multiplies every row of a batch: one tall product instead of many and their sum.
  const shared = () => {
    const depth = staticShape(a).at(-1)!;
    const height = sizeOf(batch) * rows;
    return op.gemm(g, op.reshape(g, a, [height, depth]), op.reshape(g, dy, [height, columns]), undefined, {
      transA: true,
    });
  };
  const tall = !transA && !transB && staticShape(b).length === 2 && staticShape(a).length > 2;
  return [
    needs[0] ? op.reshape(g, unbroadcast(g, da(), a), shapeA) : undefined,
    needs[1] ? op.reshape(g, tall ? shared() : unbroadcast(g, db(), b), shapeB) : undefined,
  ];
};

/** As MatMul; what is turned between the batch axes would have to be turned back. */
const fusedMatMul: Rule = (context) => {
  const { node } = context;
  if (attribute(node, "transBatchA", 0) || attribute(node, "transBatchB", 0))
    throw new UserError(
      `FusedMatMul (node "${node.name}") turns its batch axes, which has no gradient; save the model without ONNX Runtime's optimizations.`,
    );
  return matMul(context);
};

/** How many of the product's axes an operand makes: a vector leaves none. */
const matrixAxes = (shape: readonly number[]): number => (shape.length > 1 ? 1 : 0);

export const products: Ruleset = { Gemm: gemm, MatMul: matMul, "com.microsoft.FusedMatMul": fusedMatMul };
