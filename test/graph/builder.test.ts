import { describe, expect, it } from "vitest";
import { float32, int64, scalar } from "../../src/base/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { entering, extract, producers, specialize, staticShape, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";

describe("the graph builder", () => {
  it("names values after their scope and operator, never twice", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    g.initializer("layer/Relu_1", float32([1], [0]));
    const names = g.scope("layer", () => [
      op.relu(g, x),
      op.relu(g, x),
      g.scope("inner", () => op.exp(g, x)),
    ]);
    expect(names.map(({ name }) => name)).toEqual(["layer/Relu", "layer/Relu_2", "layer/inner/Exp"]);
    expect(op.relu(g, x).name).toBe("Relu");
  });

  it("leaves a scope also when building in it fails", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const failing = (): never => {
      throw new Error("no");
    };
    expect(() => g.scope("layer", failing)).toThrow("no");
    expect(op.relu(g, x).name).toBe("Relu");
  });

  it("refuses a name that is taken or unknown", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const w = g.initializer("w", scalar(1));
    expect(() => g.input("x", "float32", [3])).toThrow('the name "x" is taken');
    expect(() => g.initializer("x", scalar(1))).toThrow('the name "x" is taken');
    expect(() => g.finish("graph", { w: x })).toThrow('the name "w" is taken');
    expect(() => g.promote("x")).toThrow('"x" is not a constant of the graph');
    expect(() => g.value("y")).toThrow('the graph has no value "y"');
    expect(() =>
      new GraphBuilder(g.finish("graph", { y: op.add(g, x, w) })).input("y", "float32", []),
    ).toThrow('the name "y" is taken');
  });

  it("drops what the outputs do not need", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    g.input("unused", "float32", [2]);
    const w = g.initializer("w", float32([2], [1, 2]));
    g.initializer("dropped", float32([2], [1, 2]));
    const kept = op.add(g, x, w);
    op.mul(g, kept, g.constant(scalar(2)));
    const graph = g.finish("graph", { y: kept, x2: x });
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Add", "Identity", "Identity"]);
    expect([...graph.initializers.keys()]).toEqual(["w"]);
    expect([...graph.values.keys()].sort()).toEqual(["Add", "w", "x", "x2", "y"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y", "x2"]);
  });

  it("keeps nodes in an order in which they can run", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const a = op.exp(g, x);
    const b = op.log(g, a);
    const graph = g.finish("graph", { y: op.add(g, b, a) });
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Exp", "Log", "Add", "Identity"]);
    expect(producers(graph).get("y")?.inputs).toEqual(["Add"]);
  });

  it("builds on a graph without touching it", () => {
    const g = new GraphBuilder();
    g.metadata("key", "text");
    const x = g.input("x", "float32", ["N"]);
    const graph = g.finish("graph", { y: op.add(g, x, g.initializer("w", scalar(1))) });
    const before = structuredClone(graph);
    const more = new GraphBuilder(graph);
    const w = more.promote("w");
    const derived = more.finish("derived", { z: op.mul(more, more.value("y"), w) });
    expect(graph).toEqual(before);
    expect(derived.inputs.map(({ name }) => name)).toEqual(["x", "w"]);
    expect(derived.initializers.size).toBe(0);
    expect(derived.metadata.get("key")).toBe("text");
    expect(new GraphBuilder(graph).finish("same", { y: more.value("y") }).initializers.get("w")!.bytes).toBe(
      graph.initializers.get("w")!.bytes,
    );
  });

  it("asks a node for an output that was left out", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 4]);
    const y = op.maxPool(g, x, [2]);
    const node = g.nodes[0]!;
    const indices = g.output(node, 1, "int64", y.shape);
    expect(indices).toEqual({ name: "MaxPool:1", dtype: "int64", shape: [1, 1, 3] });
    expect(g.output(node, 1, "int64", y.shape)).toBe(g.value("MaxPool:1"));
    g.output(node, 3, "float32", undefined);
    expect(g.nodes[0]!.outputs).toEqual(["MaxPool", "MaxPool:1", "", "MaxPool:3"]);
  });

  it("renames a value everywhere", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const a = op.exp(g, x);
    const y = op.mul(g, a, a);
    const renamed = g.rename(a, "features");
    const graph = g.finish("graph", { y, features: renamed });
    expect(graph.nodes.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [["x"], ["features"]],
      [["features", "features"], ["Mul"]],
      [["Mul"], ["y"]],
    ]);
    expect(graph.values.has("Exp")).toBe(false);
  });

  it("finds the constant behind a value", () => {
    const g = new GraphBuilder();
    const axes = g.constant(int64([2], [0, 1]));
    expect(g.constantOf(axes)?.shape).toEqual([2]);
    expect(g.constantOf(g.input("x", "float32", []))).toBeUndefined();
  });
});

describe("graphs", () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", ["N", 3, "S"]);
  const features = op.relu(g, op.mul(g, x, g.initializer("w", scalar(2))));
  const scores = op.add(g, features, g.initializer("b", scalar(1)));
  const graph = g.finish("graph", { scores });

  it("take numbers for free extents", () => {
    const fixed = specialize(graph, { N: 4 });
    expect(fixed.inputs[0]!.shape).toEqual([4, 3, "S"]);
    expect(fixed.outputs[0]!.shape).toEqual([4, 3, "S"]);
    expect(fixed.values.get(features.name)!.shape).toEqual([4, 3, "S"]);
    expect(staticShape(specialize(fixed, { S: 2 }).outputs[0]!)).toEqual([4, 3, 2]);
    expect(graph.inputs[0]!.shape).toEqual(["N", 3, "S"]);
  });

  it("say which extent is still free", () => {
    expect(() => staticShape(x)).toThrow('"x" has a free extent "N"');
    expect(() => staticShape({ ...x, shape: undefined })).toThrow('the shape of "x" is not known');
  });

  it("can be cut at any value", () => {
    const part = extract(graph, [features.name]);
    expect(part.nodes.map(({ op }) => op)).toEqual(["Mul", "Relu"]);
    expect([...part.initializers.keys()]).toEqual(["w"]);
    expect(part.outputs).toEqual([features]);
    expect(extract(graph, ["x"])).toMatchObject({ nodes: [], inputs: [x], outputs: [x] });
    expect(() => extract(graph, ["nowhere"])).toThrow('the graph has no value "nowhere"');
  });

  it("can be entered at a value, beside which what made it may be needed still", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", ["N", 4]);
    const [first, second] = op.split(g, op.relu(g, x), [1, 3], 1) as [Value, Value];
    const graph = g.finish("halves", { sum: op.sum(g, first, second), last: second });
    const behind = entering(graph, first.name);
    expect(behind.inputs.map(({ name }) => name)).toEqual([first.name, "x"]);
    expect(behind.nodes.map((node) => node.op)).toEqual(["Relu", "Split", "Sum", "Identity", "Identity"]);
    const alone = entering(extract(graph, ["sum"]), second.name);
    expect(alone.nodes[1]!.outputs).toEqual([first.name, `${second.name}/unread`]);
    expect(entering(extract(graph, [second.name]), second.name).nodes).toEqual([]);
    expect(() => entering(graph, "nowhere")).toThrow('the graph has no value "nowhere"');
  });
});
