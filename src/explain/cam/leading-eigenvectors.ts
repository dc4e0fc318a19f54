import { int64, tensor } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";

/** A matrix squared so often is its 65,536th power, in which an eigenvalue smaller by 0.02% has vanished. */
const SQUARINGS = 16;

/**
 * The unit eigenvector of the largest eigenvalue of each symmetric, positive semidefinite matrix `[N, n, n]` (float64), `[N, n,
 * 1]`: a column of a high power of the matrix. Zeros of a matrix of zeros. Its sign is arbitrary.
 */
export function leadingEigenvectors(g: GraphBuilder, matrices: Value): Value {
  let power = scaled(g, matrices);
  for (let time = 0; time < SQUARINGS; time++) power = scaled(g, op.matMul(g, power, power));
  const column = longestColumn(g, power);
  return quotient(g, column, op.reduceL2(g, column, [1], true));
}

/** `a / b` in float64, with 0 for 0 / 0. */
export function quotient(g: GraphBuilder, a: Value, b: Value): Value {
  return op.div(g, a, op.max(g, b, g.constant(tensor("float64", [], Float64Array.of(1e-300)))));
}

function scaled(g: GraphBuilder, matrices: Value): Value {
  // The largest entry of a positive semidefinite matrix is on its diagonal.
  return quotient(g, matrices, op.reduceMax(g, matrices, [1, 2], true));
}

function longestColumn(g: GraphBuilder, matrices: Value): Value {
  const [, size] = staticShape(matrices) as [number, number, number];
  const longest = op.argMax(g, op.reduceSumSquare(g, matrices, [2], true), 1);
  const places = g.constant(
    int64(
      [1, size, 1],
      Array.from({ length: size }, (_, at) => at),
    ),
  );
  return op.matMul(g, matrices, op.cast(g, op.equal(g, places, longest), "float64"));
}
