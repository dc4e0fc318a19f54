import { describe, expect, it } from "vitest";
import { float32, int64, sizeOf, zeros } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as convolution from "../../src/graph/operators/convolution.ts";
import * as elementwise from "../../src/graph/operators/elementwise.ts";
import * as enlarging from "../../src/graph/operators/enlarge.ts";
import * as op from "../../src/graph/operators/index.ts";
import * as indexing from "../../src/graph/operators/indexing.ts";
import * as movement from "../../src/graph/operators/movement.ts";
import * as pooling from "../../src/graph/operators/pooling.ts";
import * as products from "../../src/graph/operators/products.ts";
import * as reductions from "../../src/graph/operators/reductions.ts";
import * as selection from "../../src/graph/operators/selection.ts";

const engine = nodeEngine({ threads: 1 });

/** Exports that are no operators. */
const HELPERS = ["windowExtent", "broadcastShape", "positiveAxes"];

type Build = (g: GraphBuilder, of: (...shape: number[]) => Value) => Value | readonly Value[];

const bool = (g: GraphBuilder, x: Value): Value => op.greater(g, x, x);
const pointwise = (call: (g: GraphBuilder, x: Value) => Value): Build[] => [(g, of) => call(g, of(2, 3))];
const broadcast = (call: (g: GraphBuilder, a: Value, b: Value) => Value): Build[] => [
  (g, of) => call(g, of(2, 1, 4), of(3, 1)),
  (g, of) => call(g, of(), of(3)),
];
const reduce = (call: typeof op.reduceSum): Build[] => [
  (g, of) => call(g, of(2, 3, 4), [-1, 0]),
  (g, of) => call(g, of(2, 3, 4), [1], true),
];

/** Ways to call each operator, whose declared type and shape must be what ONNX Runtime gives. */
const calls: Readonly<Record<string, readonly Build[]>> = {
  identity: pointwise(op.identity),
  neg: pointwise(op.neg),
  abs: pointwise(op.abs),
  sign: pointwise(op.sign),
  exp: pointwise(op.exp),
  log: pointwise(op.log),
  sqrt: pointwise(op.sqrt),
  reciprocal: pointwise(op.reciprocal),
  sin: pointwise(op.sin),
  cos: pointwise(op.cos),
  sinh: pointwise(op.sinh),
  cosh: pointwise(op.cosh),
  floor: pointwise(op.floor),
  round: pointwise(op.round),
  relu: pointwise(op.relu),
  sigmoid: pointwise(op.sigmoid),
  tanh: pointwise(op.tanh),
  erf: pointwise(op.erf),
  softplus: pointwise(op.softplus),
  softmax: pointwise(op.softmax),
  logSoftmax: pointwise(op.logSoftmax),
  add: broadcast(op.add),
  sub: broadcast(op.sub),
  mul: broadcast(op.mul),
  div: broadcast(op.div),
  pow: broadcast(op.pow),
  mod: broadcast(op.mod),
  equal: broadcast(op.equal),
  less: broadcast(op.less),
  greater: broadcast(op.greater),
  lessOrEqual: broadcast(op.lessOrEqual),
  greaterOrEqual: broadcast(op.greaterOrEqual),
  sum: broadcast(op.sum),
  max: broadcast(op.max),
  min: broadcast(op.min),
  reduceSum: reduce(op.reduceSum),
  reduceMean: reduce(op.reduceMean),
  reduceMax: reduce(op.reduceMax),
  reduceMin: reduce(op.reduceMin),
  reduceProd: reduce(op.reduceProd),
  reduceL1: reduce(op.reduceL1),
  reduceL2: reduce(op.reduceL2),
  reduceSumSquare: reduce(op.reduceSumSquare),
  cumSum: [
    (g, of) => op.cumSum(g, of(2, 3), 1),
    (g, of) => op.cumSum(g, of(2, 3), -2, { exclusive: true, reverse: true }),
  ],
  not: [(g, of) => op.not(g, bool(g, of(2, 3)))],
  and: [(g, of) => op.and(g, bool(g, of(2, 3)), bool(g, of(3)))],
  or: [(g, of) => op.or(g, bool(g, of(2, 3)), bool(g, of(3)))],
  enlarge: [(g, of) => op.enlarge(g, of(2, 3, 4, 5), 8, 11)],
  smallest: [(g, of) => op.smallest(g, of(2, 5), 2, 1), (g, of) => op.smallest(g, of(3, 2), 1, 0)],
  argMax: [(g, of) => op.argMax(g, of(2, 3), 1), (g, of) => op.argMax(g, of(2, 3), 0)],
  where: [(g, of) => op.where(g, bool(g, of(2, 1)), of(3), of())],
  cast: [(g, of) => op.cast(g, of(2), "int64"), (g, of) => op.cast(g, of(2), "float32")],
  clip: [(g, of) => op.clip(g, of(2, 3), of(), of())],
  leakyRelu: [(g, of) => op.leakyRelu(g, of(2, 3), 0.1)],
  unitStep: [(g, of) => op.unitStep(g, of(2, 3), 1)],
  dropout: [(g, of) => op.dropout(g, of(2, 3), 0.5)],
  conv: [
    (g, of) => op.conv(g, of(2, 3, 7, 6), of(4, 3, 3, 2), of(4)),
    (g, of) =>
      op.conv(g, of(1, 4, 9), of(2, 2, 3), undefined, {
        group: 2,
        strides: [2],
        pads: [1, 2],
        dilations: [2],
      }),
  ],
  convTranspose: [
    (g, of) => op.convTranspose(g, of(2, 3, 4, 5), of(3, 4, 3, 2)),
    (g, of) =>
      op.convTranspose(g, of(1, 4, 5), of(4, 3, 3), {
        group: 2,
        strides: [3],
        pads: [1, 0],
        dilations: [2],
        outputPadding: [1],
      }),
  ],
  maxPool: [
    (g, of) => op.maxPool(g, of(2, 3, 7, 6), [2, 2], { strides: [2, 2] }),
    (g, of) => op.maxPool(g, of(1, 1, 9), [3], { strides: [2], pads: [1, 0], dilations: [2], ceil: true }),
    // A window that would lie in the padding alone is left out.
    (g, of) => op.maxPool(g, of(1, 1, 3), [2], { strides: [3], pads: [1, 1], ceil: true }),
  ],
  maxPoolWithIndices: [(g, of) => op.maxPoolWithIndices(g, of(2, 3, 7, 6), [2, 3], { strides: [2, 1] })],
  averagePool: [
    (g, of) => op.averagePool(g, of(2, 3, 7, 6), [3, 2], { pads: [1, 0, 1, 1], countPadding: true }),
    (g, of) => op.averagePool(g, of(1, 1, 8), [3], { strides: [2], ceil: true }),
  ],
  maxUnpool: [
    (g, of) => op.maxUnpool(g, of(1, 1, 2), g.constant(int64([1, 1, 2], [0, 4])), [1, 1, 5]),
    (g, of) => op.maxUnpool(g, of(1, 1, 1, 1), g.constant(int64([1, 1, 1, 1], [3])), [1, 1, 2, 3]),
  ],
  globalAveragePool: [(g, of) => op.globalAveragePool(g, of(2, 3, 4, 5))],
  matMul: [
    (g, of) => op.matMul(g, of(2, 1, 3, 4), of(5, 4, 2)),
    (g, of) => op.matMul(g, of(4), of(5, 4, 2)),
    (g, of) => op.matMul(g, of(5, 2, 4), of(4)),
    (g, of) => op.matMul(g, of(4), of(4)),
  ],
  fusedMatMul: [
    (g, of) => op.fusedMatMul(g, of(2, 4, 3), of(5, 4), { transA: true, transB: true }),
    (g, of) => op.fusedMatMul(g, of(2, 3, 4), of(2, 4, 5), {}),
  ],
  gemm: [
    (g, of) => op.gemm(g, of(4, 2), of(3, 4), of(3), { transA: true, transB: true, alpha: 2, beta: 3 }),
    (g, of) => op.gemm(g, of(2, 4), of(4, 3)),
  ],
  einsum: [
    (g, of) => op.einsum(g, "ij,kj->ki", of(2, 3), of(4, 3)),
    (g, of) => op.einsum(g, "ij,ij,i->", of(2, 1), of(2, 3), of(2)),
  ],
  reshape: [(g, of) => op.reshape(g, of(2, 6), [3, 4]), (g, of) => op.reshape(g, of(2, 6), [2, 6])],
  flatten: [(g, of) => op.flatten(g, of(2, 3, 4)), (g, of) => op.flatten(g, of(2, 3, 4), 2)],
  transpose: [(g, of) => op.transpose(g, of(2, 3, 4), [2, 0, 1])],
  slice: [
    (g, of) => op.slice(g, of(5, 6), [0, 1], [1, -3], [99, -1]),
    (g, of) => op.slice(g, of(5, 6), [1, 0], [-1, 0], [Number.MIN_SAFE_INTEGER, 5], [-2, 3]),
  ],
  reverse: [(g, of) => op.reverse(g, of(5, 6), [0, 1])],
  concat: [(g, of) => op.concat(g, [of(2, 3), of(2, 1)], 1), (g, of) => op.concat(g, [of(2)], 0)],
  split: [(g, of) => op.split(g, of(2, 6), [1, 3, 2], 1)],
  pad: [(g, of) => op.pad(g, of(3, 4), [1, -1, 0, 2])],
  squeeze: [(g, of) => op.squeeze(g, of(1, 3, 1), [-1])],
  unsqueeze: [(g, of) => op.unsqueeze(g, of(3, 4), [0, -1])],
  expand: [(g, of) => op.expand(g, of(3, 1), [2, 1, 4]), (g, of) => op.expand(g, of(3), [3])],
  gather: [(g, of) => op.gather(g, of(3, 4), g.constant(int64([2, 2], [0, 3, -1, 1])), 1)],
  gatherElements: [(g, of) => op.gatherElements(g, of(3, 4), g.constant(int64([1, 4], [0, 2, -1, 1])))],
  gatherNd: [
    (g, of) => op.gatherNd(g, of(3, 4, 2), g.constant(int64([5, 2], [0, 3, -1, 1, 0, 0, 2, 2, 1, 1]))),
    (g, of) => op.gatherNd(g, of(2, 4, 3), g.constant(int64([2, 1], [3, -1])), 1),
  ],
  scatterNd: [(g, of) => op.scatterNd(g, of(3, 4), g.constant(int64([2, 1], [2, 0])), of(2, 4))],
  trilu: [
    (g, of) => op.trilu(g, of(2, 3, 4), g.constant(int64([], [1])), true),
    (g, of) => op.trilu(g, of(3, 4), undefined, false),
  ],
  scatterElements: [
    (g, of) =>
      op.scatterElements(g, of(3, 4), g.constant(int64([1, 2], [0, 2])), of(1, 2), { axis: 1, add: true }),
  ],
  gridSample: [(g, of) => op.gridSample(g, of(2, 3, 4, 5), of(2, 6, 7, 2))],
};

describe("operators say what they give", () => {
  it("has calls of every operator, and no others", () => {
    const modules = [
      convolution,
      elementwise,
      indexing,
      movement,
      pooling,
      products,
      reductions,
      selection,
      enlarging,
    ];
    const exported = modules
      .flatMap((module) => Object.keys(module))
      .filter((name) => !HELPERS.includes(name));
    expect(Object.keys(calls).sort()).toEqual(exported.sort());
  });

  it.for(Object.keys(calls))("%s", async (name) => {
    for (const build of calls[name]!) {
      const g = new GraphBuilder();
      const of = (...shape: number[]): Value => {
        const name = `x${g.nodes.length}/${[...shape].join("x")}/${g.constant(zeros("float32", [])).name}`;
        return g.input(name, "float32", shape);
      };
      const values = [build(g, of)].flat() as Value[];
      const graph = g.finish("call", Object.fromEntries(values.map((value, at) => [`y${at}`, value])));
      // Undeclared shapes, so that ONNX Runtime works them out for itself.
      const asked = graph.outputs.map((value) => ({ ...value, shape: undefined }));
      const inner = new Map([...graph.values].map(([key, value]) => [key, { ...value, shape: undefined }]));
      const program = await engine.compile({ ...graph, outputs: asked, values: inner });
      const results = await program.run(
        Object.fromEntries(
          graph.inputs.map(({ name, shape }) => {
            const extents = shape as number[];
            return [name, float32(extents, new Float32Array(sizeOf(extents)).fill(0.5))];
          }),
        ),
      );
      await program.dispose();
      for (const { name, dtype, shape } of graph.outputs)
        expect({ dtype: results[name]!.dtype, shape: results[name]!.shape }).toEqual({ dtype, shape });
    }
  });

  it("refuses shapes that do not broadcast", () => {
    const g = new GraphBuilder();
    expect(() => op.add(g, g.input("a", "float32", [2, 3]), g.input("b", "float32", [2]))).toThrow(
      new RangeError("[2, 3] and [2] do not broadcast"),
    );
  });
});
