import type { GraphBuilder } from "../builder.ts";
import { type Dim, float, int, type Shape, string, type Value } from "../graph.ts";
import { broadcastShape } from "./elementwise.ts";

/** Batched matrix product `[…, M, K] × […, K, N] → […, M, N]`; a vector leaves out its `M` or `N`. */
export function matMul(g: GraphBuilder, a: Value, b: Value): Value {
  return g.node({
    op: "MatMul",
    inputs: [a, b],
    outputs: [{ dtype: a.dtype, shape: productShape(a.shape, b.shape) }],
  })[0]!;
}

/** Batched product with either side transposed in its last two axes, without a copy (ONNX Runtime's own operator). */
export function fusedMatMul(
  g: GraphBuilder,
  a: Value,
  b: Value,
  { transA = false, transB = false }: { transA?: boolean; transB?: boolean },
): Value {
  const turned = (shape: Shape | undefined, turn: boolean): Shape | undefined =>
    shape && turn ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
  return g.node({
    op: "FusedMatMul",
    domain: "com.microsoft",
    inputs: [a, b],
    attributes: { transA: int(Number(transA)), transB: int(Number(transB)) },
    outputs: [{ dtype: a.dtype, shape: productShape(turned(a.shape, transA), turned(b.shape, transB)) }],
  })[0]!;
}

function productShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b) return undefined;
  const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2));
  return [...batch, ...a.slice(-2, -1), ...(b.length > 1 ? [b.at(-1)!] : [])];
}

/** `alpha · op(a) × op(b) + beta · c` of matrices; `c` broadcasts to `[M, N]`. */
export function gemm(
  g: GraphBuilder,
  a: Value,
  b: Value,
  c?: Value,
  { transA = false, transB = false, alpha = 1, beta = 1 }: GemmOptions = {},
): Value {
  const rows: Dim | undefined = a.shape?.[transA ? 1 : 0];
  const columns: Dim | undefined = b.shape?.[transB ? 0 : 1];
  return g.node({
    op: "Gemm",
    inputs: c ? [a, b, c] : [a, b],
    attributes: {
      transA: int(Number(transA)),
      transB: int(Number(transB)),
      alpha: float(alpha),
      beta: float(beta),
    },
    outputs: [
      { dtype: a.dtype, shape: rows === undefined || columns === undefined ? undefined : [rows, columns] },
    ],
  })[0]!;
}

export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly alpha?: number;
  readonly beta?: number;
}

/** Einstein's summation by an explicit equation of letters, such as `bhqd,bhkd->bhqk`. */
export function einsum(g: GraphBuilder, equation: string, ...inputs: Value[]): Value {
  const [terms, result] = equation.split("->") as [string, string];
  const extents = new Map<string, Dim>();
  terms.split(",").forEach((labels, at) => {
    // An extent of 1 broadcasts.
    for (const [axis, dim] of inputs[at]!.shape?.entries() ?? [])
      if (dim !== 1 || !extents.has(labels[axis]!)) extents.set(labels[axis]!, dim);
  });
  const known = inputs.every(({ shape }) => shape !== undefined);
  return g.node({
    op: "Einsum",
    inputs,
    attributes: { equation: string(equation) },
    outputs: [
      { dtype: inputs[0]!.dtype, shape: known ? [...result].map((label) => extents.get(label)!) : undefined },
    ],
  })[0]!;
}
