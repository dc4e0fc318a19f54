import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32, int64, type Tensor } from "../../src/base/tensor.ts";
import { float, int, ints, string } from "../../src/graph/graph.ts";
import { openOnnx } from "../../src/graph/onnx/open.node.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { expectSturdy, patience } from "../fuzz.ts";
import { type ForeignGraph, foreignModel, graphMessage, Message, tensorMessage } from "./onnx-file.ts";

const x = { name: "x", code: 1, shape: ["N", 2] };
const y = { name: "y", code: 1, shape: ["N", 2] };

/** Nodes that are upgraded, weights long enough to stay in a file, and constants as nodes. */
const old: ForeignGraph = {
  nodes: [
    { op: "Constant", outputs: ["k"], attributes: { value: { type: "tensor", value: int64([2], [0, -1]) } } },
    { op: "MatMul", inputs: ["x", "w"], outputs: ["m"] },
    {
      op: "Slice",
      inputs: ["m"],
      outputs: ["s"],
      attributes: { starts: ints([0]), ends: ints([2]), axes: ints([1]) },
    },
    { op: "Reshape", inputs: ["s", "k"], outputs: ["r"] },
    {
      op: "BatchNormalization",
      inputs: ["r", "p", "p", "p", "p"],
      outputs: ["b", "c"],
      attributes: { spatial: int(0) },
    },
    { op: "Clip", inputs: ["b"], outputs: ["l"], attributes: { min: float(0), max: float(6) } },
    { op: "Unsqueeze", inputs: ["l"], outputs: ["u"], attributes: { axes: ints([2, 3]) } },
    { op: "Upsample", inputs: ["u", "f"], outputs: ["v"], attributes: { mode: string("nearest") } },
    { op: "ReduceMean", inputs: ["v"], outputs: ["g"], attributes: { axes: ints([2, 3]), keepdims: int(0) } },
    { op: "Split", inputs: ["g"], outputs: ["h", "i"], attributes: { axis: int(1) } },
    { op: "Concat", inputs: ["i", "h"], outputs: ["j"], attributes: { axis: int(1) } },
    { op: "Softmax", inputs: ["j"], outputs: ["y"] },
  ],
  inputs: [x],
  outputs: [y],
  constants: {
    w: float32(
      [2, 700],
      Array.from({ length: 1400 }, (_, index) => index / 100),
    ),
    p: float32([2], [1, 2]),
    f: float32([4], [1, 1, 2, 2]),
  },
};

const yes: Tensor = { dtype: "bool", shape: [], data: Uint8Array.of(1) };

/** An If that is inlined in one that is not. */
function branching(): ForeignGraph {
  const out = [{ name: "o", code: 1 }];
  const choice = (condition: string, then: ForeignGraph, otherwise: ForeignGraph, output: string) =>
    ({
      op: "If",
      inputs: [condition],
      outputs: [output],
      attributes: {
        then_branch: { type: "branch", value: graphMessage(then) },
        else_branch: { type: "branch", value: graphMessage(otherwise) },
      },
    }) as const;
  const leaf = (op: string): ForeignGraph => ({
    nodes: [{ op, inputs: ["a"], outputs: ["o"] }],
    outputs: out,
  });
  return {
    nodes: [
      { op: "Neg", inputs: ["x"], outputs: ["a"] },
      choice("c", { nodes: [choice("yes", leaf("Exp"), leaf("Abs"), "o")], outputs: out }, leaf("Tanh"), "b"),
      choice(
        "yes",
        {
          nodes: [{ op: "Add", inputs: ["b", "w"], outputs: ["o"] }],
          constants: { w: float32([1], [1]) },
          outputs: out,
        },
        leaf("Neg"),
        "y",
      ),
    ],
    inputs: [x, { name: "c", code: 9, shape: [] }],
    outputs: [y],
    constants: { yes },
  };
}

/** Numbers of every kind, in lists and in another file. */
function listed(location: string): Message {
  const header = (name: string, code: number): Message => new Message().int(1, 4).int(2, code).text(8, name);
  const half: Tensor = { dtype: "float16", shape: [4], data: Uint16Array.of(0x3c00, 1, 2, 3) };
  const entry = (key: string, value: string): Message => new Message().text(1, key).text(2, value);
  const add = (a: string, b: string, out: string): Message =>
    new Message().text(1, a).text(1, b).text(2, out).text(4, "Add");
  return new Message()
    .with(1, add("f", "h", "s"))
    .with(1, add("s", "d", "t"))
    .with(1, add("t", "e", "y"))
    .with(
      5,
      header("f", 1).packed(4, (w) => w.float(1).float(2).float(3).float(4)),
    )
    .with(5, tensorMessage("h", half))
    .with(5, header("d", 11).double(10, 1).double(10, 2).double(10, 3).double(10, 4))
    .with(
      5,
      header("i", 7).packed(7, (w) =>
        w
          .int64(1)
          .int64(-2)
          .int64(3)
          .int64(2n ** 40n),
      ),
    )
    .with(5, header("b", 16).int(5, 1).int(5, 2).int(5, 3).int(5, 4))
    .with(5, header("e", 1).int(14, 1).with(13, entry("location", location)).with(13, entry("offset", "8")))
    .with(12, new Message().text(1, "y"));
}

const desk = realpathSync(mkdtempSync(join(tmpdir(), "convscope-fuzz-")));
afterAll(() => rmSync(desk, { recursive: true }));

const files = [
  foreignModel(graphMessage(old), 7),
  foreignModel(graphMessage(old), 12),
  foreignModel(graphMessage(branching()), 13),
  foreignModel(listed("weights"), 17),
];

const weights = Buffer.alloc(24, 7);
const external = (location: string) => {
  if (location !== "weights") throw new UserError("which is another.");
  return {
    size: weights.length,
    read: (offset: number, length: number) => weights.subarray(offset, offset + length),
  };
};

describe("damaged ONNX files", { timeout: patience }, () => {
  it("are read, or refused in words; what is read can be written and read again", () => {
    expectSturdy(files, "damaged.onnx", (bytes) => {
      const graph = readOnnx(bytes, "damaged.onnx", { external });
      const written = writeOnnx(graph);
      expect(writeOnnx(readOnnx(written, "written again")).length).toBe(written.length);
    });
  });

  it("come to the same when they are opened by their path", () => {
    const path = join(desk, "damaged.onnx");
    writeFileSync(join(desk, "weights"), weights);
    expectSturdy(files, path, (bytes) => {
      writeFileSync(path, bytes);
      const graph = openOnnx(path);
      const read = readOnnx(bytes, path, { external });
      expect(Buffer.compare(writeOnnx(graph), writeOnnx(read))).toBe(0);
    });
  });
});
