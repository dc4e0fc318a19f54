import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32, int64, type Tensor } from "../../src/base/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { extract, float, type Graph, int } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { type ForeignGraph, type ForeignNode, foreignModel, graphMessage } from "./onnx-file.ts";
import { runFile, runGraph } from "./onnx-run.ts";

const truth = (value: boolean): Tensor => ({ dtype: "bool", shape: [], data: Uint8Array.of(value ? 1 : 0) });

const condition = (
  name: string,
  then: ForeignGraph,
  otherwise: ForeignGraph,
  outputs: string[],
): ForeignNode => ({
  op: "If",
  inputs: [name],
  outputs,
  attributes: {
    then_branch: { type: "branch", value: graphMessage(then) },
    else_branch: { type: "branch", value: graphMessage(otherwise) },
  },
});

const x = { name: "x", code: 1, shape: ["N", 3] };
const feeds = { x: float32([2, 3], [1, -2, 3, -4, 5, -6]) };

const model = (graph: ForeignGraph, opset = 13): Uint8Array =>
  foreignModel(graphMessage({ inputs: [x], outputs: [{ name: "y", code: 1 }], ...graph }), opset);

const summary = (graph: Graph): string[] =>
  graph.nodes.map(({ op, inputs, outputs }) => `${op}(${inputs.join(", ")}) ${outputs.join(", ")}`);

/** A branch that gives what it finds around it, which ONNX Runtime allows by way of an Identity alone. */
const outside: ForeignGraph = { outputs: [{ name: "n", code: 1 }] };
const identity: ForeignGraph = {
  nodes: [{ op: "Identity", inputs: ["n"], outputs: ["o"] }],
  outputs: [{ name: "o", code: 1 }],
};

/** Two Ifs in a row whose branches use the same names, read from around them, and hold constants. */
function twice(first: boolean, second: boolean, around: ForeignGraph = outside): Uint8Array {
  const scaled = (op: string): ForeignGraph => ({
    nodes: [
      { op, inputs: ["n"], outputs: ["t"] },
      { op: "Mul", inputs: ["t", "w"], outputs: ["r"] },
    ],
    constants: { w: float32([1], [3]) },
    outputs: [{ name: "r", code: 1 }],
  });
  return model({
    nodes: [
      { op: "Neg", inputs: ["x"], outputs: ["n"] },
      condition("c1", scaled("Exp"), scaled("Abs"), ["a"]),
      condition("c2", scaled("Tanh"), around, ["b"]),
      { op: "Add", inputs: ["a", "b"], outputs: ["y"] },
    ],
    constants: { c1: truth(first), c2: truth(second) },
  });
}

describe("an If whose condition is a constant", () => {
  it("becomes its branch, under names of its own", () => {
    expect(summary(readOnnx(twice(true, true), "a.onnx"))).toEqual([
      "Neg(x) n",
      "Exp(n) t",
      "Mul(t, w) a",
      "Tanh(n) If b/t",
      "Mul(If b/t, If b/w) b",
      "Add(a, b) y",
    ]);
    expect(summary(readOnnx(twice(false, false), "a.onnx"))).toEqual([
      "Neg(x) n",
      "Abs(n) t",
      "Mul(t, w) a",
      "Identity(n) b",
      "Add(a, b) y",
    ]);
  });

  it("computes what it did", async () => {
    for (const first of [true, false])
      for (const second of [true, false]) {
        const expected = await runFile(twice(first, second, identity), feeds);
        for (const around of [identity, outside])
          expect(await runGraph(readOnnx(twice(first, second, around), "a.onnx"), feeds)).toEqual(expected);
      }
  });

  it("may stand in another, and give a value twice, or a constant", async () => {
    const inner: ForeignGraph = {
      nodes: [{ op: "Sub", inputs: ["e", "k"], outputs: ["s"] }],
      constants: { k: float32([1], [0.5]) },
      outputs: [
        { name: "s", code: 1 },
        { name: "s", code: 1 },
        { name: "k", code: 1 },
      ],
    };
    const empty: ForeignGraph = { outputs: ["x", "x", "x"].map((name) => ({ name, code: 1 })) };
    const outer: ForeignGraph = {
      nodes: [
        { op: "Exp", inputs: ["x"], outputs: ["e"] },
        condition("c", inner, empty, ["p", "q", "u"]),
        { op: "Sum", inputs: ["p", "q", "u"], outputs: ["z"] },
      ],
      outputs: [{ name: "z", code: 1 }],
    };
    const bytes = model({ nodes: [condition("c", outer, outer, ["y"])], constants: { c: truth(true) } });
    const graph = readOnnx(bytes, "a.onnx");
    expect(summary(graph)).toEqual([
      "Exp(x) e",
      "Sub(e, k) p",
      "Identity(p) q",
      "Identity(k) u",
      "Sum(p, q, u) y",
    ]);
    const { y } = await runGraph(graph, feeds);
    const expected = feeds.x.data.map((v) => 2 * Math.fround(Math.exp(v) - 0.5) + 0.5);
    y!.data.forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at]!, 3);
    });
  });

  it("needs a branch with as many outputs", () => {
    const bytes = model({
      nodes: [condition("c", { outputs: [] }, { outputs: [] }, ["y"])],
      constants: { c: truth(true) },
    });
    expect(() => readOnnx(bytes, "a.onnx")).toThrow(
      new UserError('a.onnx: the If "If y" has no "then_branch" of 1 outputs; export it again.'),
    );
  });
});

/** `y = c ? clip(-x) * w : softmax(-x)`, in the forms of set 11, where `c` is found from `x`. */
function open(): Uint8Array {
  const then: ForeignGraph = {
    nodes: [
      { op: "Mul", inputs: ["n", "w"], outputs: ["t"] },
      { op: "Unsqueeze", inputs: ["t"], outputs: ["u"], attributes: { axes: { type: "ints", value: [0] } } },
    ],
    outputs: [{ name: "u", code: 1 }],
  };
  const otherwise: ForeignGraph = {
    nodes: [
      { op: "Softmax", inputs: ["n"], outputs: ["s"], attributes: { axis: int(0) } },
      {
        op: "Unsqueeze",
        inputs: ["s"],
        outputs: ["u"],
        attributes: { axes: { type: "ints", value: [0] } },
      },
    ],
    outputs: [{ name: "u", code: 1 }],
  };
  return model(
    {
      nodes: [
        { op: "Neg", inputs: ["x"], outputs: ["n"] },
        { op: "ReduceSum", inputs: ["x"], outputs: ["sum"], attributes: { keepdims: int(0) } },
        { op: "Greater", inputs: ["sum", "zero"], outputs: ["c"] },
        condition("c", then, otherwise, ["y"]),
      ],
      constants: { zero: float32([], [0]), w: float32([1], [3]) },
    },
    11,
  );
}

const negative = { x: float32([2, 3], [1, -2, 3, -4, 5, -6]) };
const positive = { x: float32([2, 3], [1, -2, 3, 4, 5, -6]) };

describe("an If whose condition is computed", () => {
  it("stays, with what its branches read as its last inputs", async () => {
    const graph = readOnnx(open(), "a.onnx");
    expect(summary(graph).at(-1)).toBe("If(c, n, w) y");
    expect(graph.nodes.at(-1)!.attributes.then_branch!.type).toBe("graph");
    for (const fed of [negative, positive]) {
      const expected = await runFile(open(), fed);
      expect(await runGraph(graph, fed)).toEqual(expected);
    }
  });

  it("comes back as it was written", () => {
    const graph = readOnnx(open(), "a.onnx");
    expect(readOnnx(writeOnnx(graph), "a.onnx")).toEqual(graph);
  });

  it("keeps what it reads when graphs are cut, and follows it to another name", async () => {
    const graph = readOnnx(open(), "a.onnx");
    expect(extract(graph, ["y"]).nodes.length).toBe(4);
    const g = new GraphBuilder(graph);
    g.rename(g.value("n"), "negated");
    const renamed = g.finish("renamed", { y: g.value("y") });
    expect(summary(renamed).at(-1)).toBe("If(c, negated, w) y");
    for (const fed of [negative, positive])
      expect(await runGraph(renamed, fed)).toEqual(await runFile(open(), fed));
    // The branch of a file that was written under the new name reads it.
    expect(summary(readOnnx(writeOnnx(renamed), "a.onnx")).at(-1)).toBe("If(c, negated, w) y");
  });

  it("may hold one that is not", async () => {
    const inner = condition(
      "yes",
      { nodes: [{ op: "Exp", inputs: ["x"], outputs: ["e"] }], outputs: [{ name: "e", code: 1 }] },
      { nodes: [{ op: "Neg", inputs: ["far"], outputs: ["e"] }], outputs: [{ name: "e", code: 1 }] },
      ["v"],
    );
    const bytes = model({
      inputs: [x, { name: "c", code: 9, shape: [] }],
      nodes: [
        { op: "Abs", inputs: ["x"], outputs: ["far"] },
        condition(
          "c",
          { nodes: [inner], outputs: [{ name: "v", code: 1 }] },
          { nodes: [{ op: "Neg", inputs: ["x"], outputs: ["v"] }], outputs: [{ name: "v", code: 1 }] },
          ["y"],
        ),
      ],
      constants: { yes: truth(true) },
    });
    const graph = readOnnx(bytes, "a.onnx");
    // Neither the condition of the inner nor what its other branch read.
    expect(summary(graph).at(-1)).toBe("If(c, x) y");
    for (const c of [true, false]) {
      const fed = { ...feeds, c: truth(c) };
      expect(await runGraph(graph, fed)).toEqual(await runFile(bytes, fed));
    }
  });
});

describe("other graphs among attributes", () => {
  it("are kept, such as the body of a Loop", async () => {
    const body = graphMessage({
      nodes: [
        { op: "Mul", inputs: ["carried", "factor"], outputs: ["product"] },
        { op: "Identity", inputs: ["go"], outputs: ["on"] },
      ],
      inputs: [
        { name: "iteration", code: 7, shape: [] },
        { name: "go", code: 9, shape: [] },
        { name: "carried", code: 1 },
      ],
      outputs: [{ name: "on" }, { name: "product" }],
    });
    const bytes = model({
      nodes: [
        { op: "Abs", inputs: ["x"], outputs: ["factor"] },
        {
          op: "Loop",
          inputs: ["count", "", "x"],
          outputs: ["y"],
          attributes: { body: { type: "branch", value: body } },
        },
      ],
      constants: { count: int64([], [3]) },
    });
    const graph = readOnnx(bytes, "a.onnx");
    expect(summary(graph).at(-1)).toBe("Loop(count, , x, factor) y");
    expect(await runGraph(graph, feeds)).toEqual(await runFile(bytes, feeds));
  });

  it("are refused when they are nested deeper than anyone needs", () => {
    let graph: ForeignGraph = {
      nodes: [{ op: "Neg", inputs: ["x"], outputs: ["y"], attributes: { a: float(1) } }],
      outputs: [{ name: "y", code: 1 }],
    };
    for (let depth = 0; depth < 40; depth++)
      graph = { nodes: [condition("c", graph, {}, ["y"])], outputs: [{ name: "y", code: 1 }] };
    expect(() => readOnnx(model({ ...graph, constants: { c: truth(true) } }), "a.onnx")).toThrow(
      new UserError("a.onnx: graphs in it are nested more than 32 deep."),
    );
  });
});
