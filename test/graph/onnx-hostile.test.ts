import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { type ForeignGraph, type ForeignNode, foreignModel, graphMessage, Message } from "./onnx-file.ts";
import { runGraph } from "./onnx-run.ts";

const node = (op: string, inputs: readonly string[], ...outputs: string[]): ForeignNode => ({
  op,
  inputs,
  outputs,
});

const x = { name: "x", code: 1, shape: [2] };

const read = (graph: ForeignGraph) =>
  readOnnx(
    foreignModel(graphMessage({ inputs: [x], outputs: [{ name: "y", code: 1 }], ...graph })),
    "a.onnx",
  );

const one: Tensor = float32([1], [1]);

describe("a graph that is none", () => {
  it.for([
    [{ nodes: [node("Neg", ["z"], "y")] }, 'the node "Neg y" (Neg) reads "z", which nothing makes'],
    [{ nodes: [node("Neg", ["x"], "z")] }, 'nothing makes its output "y"'],
    [{ nodes: [node("Neg", ["x"], "y"), node("Abs", ["x"], "y")] }, 'the value "y" is made twice'],
    [{ nodes: [node("Split", ["x"], "y", "y")] }, 'the value "y" is made twice'],
    [{ nodes: [node("Neg", ["y"], "x")] }, 'the value "x" is made twice'],
    [{ nodes: [node("Neg", ["x"], "w")], constants: { w: one } }, 'the value "w" is made twice'],
    [{ inputs: [x, x], nodes: [node("Neg", ["x"], "y")] }, 'the value "x" is made twice'],
    [{ nodes: [node("Neg", ["y"], "y")] }, 'the value "y" is made out of itself'],
    [
      {
        nodes: [
          node("Neg", ["b"], "y"),
          node("Add", ["x", "c"], "a"),
          node("Abs", ["a"], "b"),
          node("Exp", ["b"], "c"),
        ],
      },
      'the value "b" is made out of itself',
    ],
    [
      {
        nodes: [
          {
            op: "If",
            inputs: ["x"],
            outputs: ["y"],
            attributes: {
              then_branch: { type: "branch", value: graphMessage({ nodes: [node("Neg", ["y"], "z")] }) },
            },
          },
        ],
      },
      'the value "y" is made out of itself',
    ],
    [
      {
        nodes: [
          {
            op: "If",
            inputs: ["x"],
            outputs: ["y"],
            attributes: {
              then_branch: { type: "branch", value: graphMessage({ nodes: [node("Neg", ["q"], "z")] }) },
            },
          },
        ],
      },
      'the node "Neg z" (Neg) reads "q", which nothing makes',
    ],
  ] as const)("is refused by name: %#", ([graph, message]) => {
    expect(() => read(graph)).toThrow(new UserError(`a.onnx: ${message}; export the model again.`));
  });

  it("is put in order where that is all", async () => {
    const graph = read({
      nodes: [node("Add", ["b", "a"], "y"), node("Exp", ["a"], "b"), node("Neg", ["x"], "a")],
    });
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Neg", "Exp", "Add"]);
    expect(await runGraph(graph, { x: float32([2], [0, 0]) })).toEqual({ y: float32([2], [1, 1]) });
  });

  it("may be as long as it likes, from either end", () => {
    const chain = Array.from({ length: 50_000 }, (_, index) =>
      node("Neg", [index ? `v${index}` : "x"], index === 49_999 ? "y" : `v${index + 1}`),
    );
    const forwards = read({ nodes: chain });
    const backwards = read({ nodes: chain.toReversed() });
    expect(backwards.nodes).toEqual(forwards.nodes);
  });

  it("gets attributes and operators by any name", () => {
    const attributes = Object.fromEntries(
      ["__proto__", "constructor", "toString"].map((name) => [name, { type: "int", value: 3 }] as const),
    );
    const { nodes } = read({ nodes: [{ ...node("constructor", ["x"], "y"), attributes }] });
    expect(Object.entries(nodes[0]!.attributes)).toEqual(Object.entries(attributes));
    expect(Object.getPrototypeOf(nodes[0]!.attributes)).toBe(Object.prototype);
  });
});

const tensor = (extents: readonly number[], code = 1): Message => {
  const message = new Message().int(2, code).text(8, "w");
  for (const extent of extents) message.int(1, extent);
  return message;
};

const holding = (message: Message): Message => new Message().with(5, message);

describe("what cannot be read", () => {
  it.for([
    [foreignModel(new Message(), 6), "opset 6 cannot be read; export the model with opset 7 to 24."],
    [foreignModel(new Message(), 25), "opset 25 cannot be read; export the model with opset 7 to 24."],
    [foreignModel(holding(tensor([], 8))), 'the tensor "w" has an element type (8) that cannot be read.'],
    [
      foreignModel(graphMessage({ inputs: [{ name: "text", code: 8 }] })),
      'the input "text" has an element type (8) that cannot be read.',
    ],
    [
      foreignModel(holding(tensor([2]).bytes(9, new Uint8Array(4)))),
      'the tensor "w" [2] holds 4 bytes, not 8; export it again.',
    ],
    [
      foreignModel(holding(tensor([3]).float(4, 1))),
      'the tensor "w" [3] holds 4 bytes, not 12; export it again.',
    ],
    [
      foreignModel(holding(tensor([3], 7).int(7, 1))),
      'the tensor "w" [3] holds 1 elements, not 3; export it again.',
    ],
    [
      foreignModel(holding(tensor([-1, -2]).bytes(9, new Uint8Array(8)))),
      'the tensor "w" cannot have the shape [-1, -2]; export it again.',
    ],
    [
      foreignModel(holding(tensor([2 ** 31, 2 ** 31, 4]))),
      'the tensor "w" cannot have the shape [2147483648, 2147483648, 4]; export it again.',
    ],
    [
      // 8 TB by its shape, nothing by its list.
      foreignModel(holding(tensor([2 ** 40], 7))),
      'the tensor "w" [1099511627776] holds 0 elements, not 1099511627776; export it again.',
    ],
    [
      foreignModel(
        holding(tensor([2]).int(14, 1).with(13, new Message().text(1, "location").text(2, "w.bin"))),
      ),
      'the tensor "w" lies in the file "w.bin", which is not at hand here; open the model by its path, or save it as one file.',
    ],
    [
      foreignModel(new Message().with(15, new Message())),
      "it has sparse weights, which cannot be read; export it with dense ones.",
    ],
    [
      foreignModel(
        new Message().with(
          1,
          new Message().text(4, "Op").with(5, new Message().text(1, "types").int(20, 13)),
        ),
      ),
      'the attribute "types" has a type (13) that cannot be read.',
    ],
    [
      foreignModel(
        new Message().with(1, new Message().text(4, "Op").with(5, new Message().text(1, "body").int(20, 5))),
      ),
      'the attribute "body" has a type (5) that cannot be read.',
    ],
  ] as const)("is refused by name: %#", ([bytes, message]) => {
    expect(() => readOnnx(bytes, "a.onnx")).toThrow(new UserError(`a.onnx: ${message}`));
  });

  it("takes no memory for what a length alone says", () => {
    // A tensor of raw data, and a name, of 4 GB each, in a file of a few bytes.
    for (const field of [9, 8]) {
      const lying = Uint8Array.from([...tensor([1]).done(), (field << 3) | 2, 0xff, 0xff, 0xff, 0xff, 0x0f]);
      const model = foreignModel(new Message().bytes(5, lying));
      expect(() => readOnnx(model, "a.onnx")).toThrow(/truncated or not an ONNX file/);
    }
  });
});

describe("extents", () => {
  it("below zero are free ones, and those without a name need not be equal", async () => {
    const graph = read({
      inputs: [
        { ...x, shape: [-1, 3] },
        { name: "z", code: 1, shape: [-1, 3] },
      ],
      nodes: [node("Add", ["x", "z"], "y")],
    });
    expect(graph.inputs.map(({ shape }) => shape)).toEqual([
      ["?", 3],
      ["?", 3],
    ]);
    const feeds = { x: float32([1, 3], [1, 2, 3]), z: float32([2, 3], [1, 1, 1, 2, 2, 2]) };
    expect(await runGraph(graph, feeds)).toEqual({ y: float32([2, 3], [2, 3, 4, 3, 4, 5]) });
  });
});
