import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { type DType, float32, int64, type Tensor, zeros } from "../../src/base/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { float, floats, type Graph, initializerTensor, int, ints, string } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import * as op from "../../src/graph/operators/index.ts";
import { foreignModel, Message } from "./onnx-file.ts";

const dtypes: readonly DType[] = [
  "float32",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bool",
];

/** A graph with everything that the format can say and we read. */
function example(): Graph {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", ["N", 3, "height", "?"]);
  g.metadata("convscope.classes", '["cat","dog é"]');
  g.metadata("empty", "");
  const y = g.scope("block", () => op.relu(g, x));
  g.node({
    op: "Everything",
    domain: "org.example",
    inputs: [y, undefined, g.initializer("weights", float32([2, 3], [1, 2, 3, 4, 5, -6.5]))],
    attributes: {
      one: int(-3),
      huge: int(Number.MAX_SAFE_INTEGER),
      zero: int(0),
      real: float(0.5),
      text: string("naïve"),
      nothing: string(""),
      many: ints([1, -2, 2 ** 40]),
      none: ints([]),
      reals: floats([0.25, -1]),
      texts: { type: "strings", value: ["a", "", "ß"] },
      block: { type: "tensor", value: int64([2], [7, -8]) },
    },
    outputs: [
      { dtype: "float32", shape: ["N", 4] },
      { dtype: "int64", shape: undefined },
      { dtype: "float32", shape: [] },
    ],
  });
  const outputs = { first: g.value("Everything"), third: g.value("Everything:2") };
  return g.finish("an example", outputs);
}

function essence(graph: Graph): unknown {
  const initializers = [...graph.initializers.values()].map(({ bytes, ...rest }) => ({
    ...rest,
    bytes: [...bytes],
  }));
  const values = [...graph.values.values()].sort((a, b) => a.name.localeCompare(b.name));
  return { ...graph, initializers, values, metadata: [...graph.metadata] };
}

describe("ONNX files", () => {
  it("come back as they were written", () => {
    const graph = example();
    // A file cannot give the type of a value whose shape is not known; ours is an int64.
    const values = new Map(graph.values);
    values.set("Everything:1", { ...graph.values.get("Everything:1")!, dtype: "float32" });
    expect(essence(readOnnx(writeOnnx(graph), "a.onnx"))).toEqual(essence({ ...graph, values }));
  });

  it.for(dtypes)("keep %s constants as views of the file", (dtype) => {
    for (const shape of [[], [0], [3, 1]]) {
      const tensor: Tensor = zeros(dtype, shape);
      for (let at = 0; at < tensor.data.length; at++)
        tensor.data[at] = typeof tensor.data[at] === "bigint" ? BigInt(at + 1) : at + 1;
      const g = new GraphBuilder();
      g.node({
        op: "Use",
        inputs: [g.initializer("c", tensor)],
        outputs: [{ dtype: "float32", shape: undefined }],
      });
      const file = writeOnnx(g.finish("constant", { y: g.value("Use") }));
      // As an application might hold it: inside a larger buffer, at any alignment.
      const pool = Buffer.alloc(file.length + 3);
      pool.set(file, 3);
      const initializer = readOnnx(pool.subarray(3), "a.onnx").initializers.get("c")!;
      expect(initializerTensor(initializer)).toEqual(tensor);
      expect(initializer.bytes.buffer).toBe(pool.buffer);
    }
  });

  it("name the file and the way out when they are cut anywhere", () => {
    const file = writeOnnx({ ...example(), metadata: new Map() });
    for (let end = 0; end < file.length; end++)
      expect(() => readOnnx(file.subarray(0, end), "cut.onnx"), `at ${end}`).toThrow(
        /^cut\.onnx is truncated or not an ONNX file \([^)]+\); export or copy it again\.$/,
      );
  });

  it("name a file that is none", () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13);
    for (const bytes of [png, new Uint8Array(1000), new TextEncoder().encode("<html></html>")])
      expect(() => readOnnx(bytes, "cat.png")).toThrow(
        /^cat\.png is truncated or not an ONNX file \([^)]+\); export or copy it again\.$/,
      );
    expect(() => readOnnx(new Uint8Array(0), "empty.onnx")).toThrow(
      new UserError(
        "empty.onnx is truncated or not an ONNX file (no graph or operator set in it); export or copy it again.",
      ),
    );
  });
});

/** The tensor of a model with one initializer. */
function foreignTensor(tensor: Message): Tensor {
  const graph = readOnnx(foreignModel(new Message().with(5, tensor.text(8, "t"))), "a.onnx");
  return initializerTensor(graph.initializers.get("t")!);
}

describe("files from elsewhere", () => {
  it("may list floats instead of bytes, packed or one by one", () => {
    const expected = float32([3], [1.5, -2, 0]);
    const header = () => new Message().int(1, 3).int(2, 1);
    const packed = header().packed(4, (w) => w.float(1.5).float(-2).float(0));
    expect(foreignTensor(packed)).toEqual(expected);
    expect(foreignTensor(header().float(4, 1.5).float(4, -2).float(4, 0))).toEqual(expected);
  });

  it("may list whole numbers and doubles", () => {
    const wide = new Message().packed(1, (w) => w.int64(2).int64(1)).int(2, 7);
    expect(foreignTensor(wide.packed(7, (w) => w.int64(-5n).int64(2n ** 40n)))).toEqual(
      int64([2, 1], [-5, 2 ** 40]),
    );
    expect(foreignTensor(new Message().int(1, 2).int(2, 6).int(5, -1).int(5, 7))).toEqual({
      dtype: "int32",
      shape: [2],
      data: Int32Array.of(-1, 7),
    });
    const small = new Message().int(1, 2).int(2, 3);
    expect(foreignTensor(small.packed(5, (w) => w.int32(-7).int32(5))).data).toEqual(Int8Array.of(-7, 5));
    const truth = new Message().int(1, 2).int(2, 9);
    expect(foreignTensor(truth.packed(5, (w) => w.int32(1).int32(0))).data).toEqual(Uint8Array.of(1, 0));
    const unsigned = new Message().int(1, 1).int(2, 13);
    expect(foreignTensor(unsigned.packed(11, (w) => w.uint64(2n ** 63n))).data).toEqual(
      BigUint64Array.of(2n ** 63n),
    );
  });

  it("may pack attributes, name inputs twice and leave names out", () => {
    const attribute = new Message()
      .text(1, "axes")
      .packed(8, (w) => w.int64(1).int64(-1))
      .int(20, 7);
    const scales = new Message().text(1, "scales").float(7, 1).float(7, 2).int(20, 6);
    const node = new Message()
      .text(1, "x")
      .text(1, "w")
      .text(2, "y")
      .text(4, "Op")
      .text(7, "ai.onnx")
      .with(5, attribute)
      .with(5, scales);
    const type = new Message().with(
      1,
      new Message().int(1, 1).with(
        2,
        // Extents: one with no name, one named, one a number.
        new Message()
          .with(1, new Message())
          .with(1, new Message().text(2, "h"))
          .with(1, new Message().int(1, 4)),
      ),
    );
    const input = (name: string) => new Message().text(1, name).with(2, type);
    const weight = new Message().int(1, 1).int(2, 1).text(8, "w").float(4, 2);
    const graph = readOnnx(
      foreignModel(
        new Message()
          .with(1, node)
          .with(5, weight)
          .with(11, input("x"))
          .with(11, input("w"))
          .with(12, new Message().text(1, "y")),
      ),
      "a.onnx",
    );
    expect(graph.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["?", "h", 4] }]);
    expect(graph.outputs).toEqual([{ name: "y", dtype: "float32", shape: undefined }]);
    expect(graph.nodes).toEqual([
      {
        name: "y",
        op: "Op",
        domain: "",
        inputs: ["x", "w"],
        outputs: ["y"],
        attributes: { axes: ints([1, -1]), scales: floats([1, 2]) },
      },
    ]);
  });

  it("may say constants as nodes", () => {
    const value = new Message()
      .text(1, "value")
      .with(5, new Message().int(1, 2).int(2, 7).int(7, 4).int(7, 5))
      .int(20, 4);
    const constant = new Message().text(2, "axes").text(4, "Constant").with(5, value);
    const graph = readOnnx(foreignModel(new Message().with(1, constant)), "a.onnx");
    expect(graph.nodes).toEqual([]);
    expect(initializerTensor(graph.initializers.get("axes")!)).toEqual(int64([2], [4, 5]));
  });
});
