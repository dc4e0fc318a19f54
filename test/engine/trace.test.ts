import { expect, it } from "vitest";
import { float32, int64 } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { traceShapes } from "../../src/engine/trace.ts";
import type { NodeSpec } from "../../src/graph/builder.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Graph, initializerTensor, int, ints, string, type Value } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { type ForeignAttribute, type ForeignNode, foreignModel, graphMessage } from "../graph/onnx-file.ts";

const engine = nodeEngine({ threads: 1 });

/** A node whose output nobody has described. */
const untyped = (g: GraphBuilder, spec: Omit<NodeSpec, "outputs">): Value =>
  g.node({ ...spec, outputs: [{ dtype: "float32", shape: undefined }] })[0]!;

/** `x` resized to twice its height and width by scales in pieces, then made a row for each picture, as exporters do it. */
async function traced() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", ["N", 1, "H", 3]);
  const ones = g.constant(float32([2], [1, 1]));
  const twos = g.constant(float32([2], [2, 2]));
  const scales = untyped(g, { op: "Concat", inputs: [ones, twos], attributes: { axis: int(0) } });
  const large = untyped(g, {
    op: "Resize",
    inputs: [x, undefined, scales],
    attributes: { mode: string("nearest") },
  });
  const extents = untyped(g, { op: "Shape", inputs: [large] });
  const batch = untyped(g, { op: "Gather", inputs: [extents, g.constant(int64([1], [0]))] });
  const rows = untyped(g, {
    op: "Concat",
    inputs: [batch, g.constant(int64([1], [-1]))],
    attributes: { axis: int(0) },
  });
  const flat = untyped(g, { op: "Reshape", inputs: [large, rows] });
  const bias = untyped(g, {
    op: "Identity",
    inputs: [g.initializer("bias", float32([12], new Array(12).fill(1)))],
  });
  const y = untyped(g, { op: "Add", inputs: [flat, bias] });
  const feeds = { x: float32([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]) };
  const before = g.finish("graph", { y });
  return { before, after: await traceShapes(engine, before, feeds), feeds, scales, rows };
}

it("learns every type and shape from one run", async () => {
  const { after } = await traced();
  expect(after.inputs).toEqual([{ name: "x", dtype: "float32", shape: [2, 1, 1, 3] }]);
  expect(after.outputs).toEqual([{ name: "y", dtype: "float32", shape: [2, 12] }]);
  expect(after.values.get("Resize")).toEqual({ name: "Resize", dtype: "float32", shape: [2, 1, 2, 6] });
  expect(after.values.get("Shape")).toEqual({ name: "Shape", dtype: "int64", shape: [4] });
});

it("turns what follows from shapes into constants, but not what follows from weights", async () => {
  const { before, after, feeds, scales, rows } = await traced();
  expect(initializerTensor(after.initializers.get(scales.name)!)).toEqual(float32([4], [1, 1, 2, 2]));
  expect(initializerTensor(after.initializers.get(rows.name)!)).toEqual(int64([2], [2, -1]));
  expect(after.nodes.map(({ op }) => op)).toEqual(["Resize", "Reshape", "Identity", "Add", "Identity"]);
  const run = async (graph: typeof before) => (await (await engine.compile(graph)).run(feeds)).y!.data;
  expect(await run(after)).toEqual(await run(before));
});

it("follows whole numbers through matrices", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [1, 3]);
  const list = (...numbers: number[]): Value => g.constant(int64([numbers.length], numbers));
  // PyTorch pads this way: [last begin, last end, …] turned round into [begins, ends].
  const rank = untyped(g, { op: "Size", inputs: [untyped(g, { op: "Shape", inputs: [x] })] });
  const begins = untyped(g, {
    op: "Mul",
    inputs: [list(2, 1, 0, 0), untyped(g, { op: "Sign", inputs: [rank] })],
  });
  const pairs = untyped(g, { op: "Reshape", inputs: [begins, list(-1, 2)] });
  const turned = untyped(g, { op: "Slice", inputs: [pairs, list(-1), list(-9), list(0), list(-1)] });
  const columns = untyped(g, { op: "Transpose", inputs: [turned], attributes: { perm: ints([1, 0]) } });
  const pads = untyped(g, { op: "Reshape", inputs: [columns, list(-1)] });
  const graph = g.finish("graph", { y: untyped(g, { op: "Pad", inputs: [x, pads] }) });
  const after = await traceShapes(engine, graph, { x: float32([1, 3], [1, 2, 3]) });
  expect(initializerTensor(after.initializers.get(pads.name)!)).toEqual(int64([4], [0, 2, 0, 1]));
  expect(after.nodes.map(({ op }) => op)).toEqual(["Pad", "Identity"]);
});

it("leaves constants that are asked for as outputs", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", ["N"]);
  const shape = untyped(g, { op: "Shape", inputs: [x] });
  const graph = g.finish("graph", { shape, twice: untyped(g, { op: "Add", inputs: [shape, shape] }) });
  const after = await traceShapes(engine, graph, { x: float32([3], [1, 2, 3]) });
  const program = await engine.compile(after);
  const results = await program.run({ x: float32([3], [1, 2, 3]) });
  expect(results).toEqual({ shape: int64([1], [3]), twice: int64([1], [6]) });
});

it("takes the branch that shapes decide, and learns what is in it", async () => {
  const branch = (nodes: readonly ForeignNode[]): ForeignAttribute => ({
    type: "branch",
    value: graphMessage({ nodes, outputs: [{ name: "r", code: 1 }], constants: { last: int64([1], [1]) } }),
  });
  const file = foreignModel(
    graphMessage({
      inputs: [{ name: "x", code: 1, shape: ["N", "C"] }],
      outputs: [{ name: "y", code: 1 }],
      nodes: [
        { op: "Shape", inputs: ["x"], outputs: ["shape"] },
        { op: "Gather", inputs: ["shape", "second"], outputs: ["columns"] },
        { op: "Equal", inputs: ["columns", "one"], outputs: ["single"] },
        {
          op: "If",
          inputs: ["single"],
          outputs: ["y"],
          attributes: {
            then_branch: branch([{ op: "Squeeze", inputs: ["x", "last"], outputs: ["r"] }]),
            else_branch: branch([
              { op: "Exp", inputs: ["x"], outputs: ["e"] },
              { op: "Neg", inputs: ["e"], outputs: ["r"] },
            ]),
          },
        },
      ],
      constants: { second: int64([], [1]), one: int64([], [1]) },
    }),
  );
  const graph = readOnnx(file, "a.onnx");
  const after = async (columns: number): Promise<Graph> =>
    traceShapes(engine, graph, { x: float32([2, columns], new Array(2 * columns).fill(0)) });
  const [one, two] = [await after(1), await after(2)];
  expect(one.nodes.map(({ op }) => op)).toEqual(["Squeeze"]);
  expect(one.outputs).toEqual([{ name: "y", dtype: "float32", shape: [2] }]);
  expect(two.nodes.map(({ op }) => op)).toEqual(["Exp", "Neg"]);
  expect(two.values.get("e")).toEqual({ name: "e", dtype: "float32", shape: [2, 2] });
});
