import { describe, expect, it } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { initializerTensor, int } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { codes, foreignModel, graphMessage, Message, tensorMessage, valueMessage } from "./onnx-file.ts";
import { runFile, runGraph } from "./onnx-run.ts";

/** All numbers of 16 bits, with NaN out of the way: its bits are anyone's. */
const every = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

const halves = (values: readonly number[]): Tensor => ({
  dtype: "float16",
  shape: [values.length],
  data: Uint16Array.from(values),
});

/** A model that gives its one constant as float32. */
function constantModel(code: number, count: number, bytes: Uint8Array): Uint8Array {
  const tensor = new Message().int(1, count).int(2, code).text(8, "c").bytes(9, bytes);
  const cast = new Message().text(1, "c").text(2, "y").text(4, "Cast");
  const to = new Message().text(1, "to").int(3, 1).int(20, 2);
  return foreignModel(
    new Message()
      .with(1, cast.with(5, to))
      .with(5, tensor)
      .with(12, valueMessage({ name: "y", code: 1 })),
  );
}

describe("numbers of other floating point types become float32", () => {
  it("half floats exactly", async () => {
    const bytes = constantModel(codes.float16, every.length, new Uint8Array(every.buffer));
    const constant = readOnnx(bytes, "a.onnx").initializers.get("c")!;
    expect(constant.dtype).toBe("float32");
    const { data } = initializerTensor(constant);
    expect([0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff].map((bits) => data[bits])).toEqual([
      1,
      -2,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      65_504,
    ]);
    expect([0x8000, 0x7c00, 0xfc00, 0x7e00].map((bits) => data[bits])).toEqual([
      -0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
    expect(data).toEqual((await runFile(bytes, {})).y!.data);
  });

  it("the upper halves of floats exactly", async () => {
    const bytes = constantModel(codes.bfloat16, every.length, new Uint8Array(every.buffer));
    const { data } = initializerTensor(readOnnx(bytes, "a.onnx").initializers.get("c")!);
    expect([0x3f80, 0xc000, 0x3f81, 0x0001].map((bits) => data[bits])).toEqual([
      1,
      -2,
      1 + 2 ** -7,
      2 ** -133,
    ]);
    expect(data).toEqual((await runFile(bytes, {})).y!.data);
  });

  it("doubles to the nearest", async () => {
    const doubles = Float64Array.of(0.1, -1e300, 1e-60, 1 + 2 ** -24 + 2 ** -40, Number.NaN);
    const bytes = constantModel(codes.float64, doubles.length, new Uint8Array(doubles.buffer));
    const { data } = initializerTensor(readOnnx(bytes, "a.onnx").initializers.get("c")!);
    expect(data).toEqual(Float32Array.of(0.1, Number.NEGATIVE_INFINITY, 0, 1 + 2 ** -23, Number.NaN));
    expect(data).toEqual((await runFile(bytes, {})).y!.data);
  });

  it("when they are listed one by one", () => {
    const listed = (tensor: Message): unknown => {
      const bytes = foreignModel(new Message().with(5, tensor.text(8, "c")));
      return initializerTensor(readOnnx(bytes, "a.onnx").initializers.get("c")!);
    };
    const two = (code: number): Message => new Message().int(1, 2).int(2, code);
    const expected = float32([2], [1, -2]);
    expect(listed(two(10).packed(5, (w) => w.int32(0x3c00).int32(0xc000)))).toEqual(expected);
    expect(listed(two(16).int(5, 0x3f80).int(5, 0xc000))).toEqual(expected);
    expect(listed(two(11).double(10, 1).double(10, -2))).toEqual(expected);
  });

  it("with all that names their type", async () => {
    const half = { code: codes.float16, shape: [2] };
    const bytes = foreignModel(
      graphMessage({
        nodes: [
          { op: "Mul", inputs: ["x", "w"], outputs: ["p"] },
          { op: "Cast", inputs: ["p"], outputs: ["q"], attributes: { to: int(codes.float64) } },
          {
            op: "ConstantOfShape",
            inputs: ["two"],
            outputs: ["ones"],
            attributes: {
              value: { type: "tensor", value: { dtype: "float64", shape: [1], data: Float64Array.of(1) } },
            },
          },
          { op: "Add", inputs: ["q", "ones"], outputs: ["r"] },
          { op: "Cast", inputs: ["r"], outputs: ["y"], attributes: { to: int(codes.float16) } },
          { op: "Cast", inputs: ["x"], outputs: ["z"], attributes: { to: int(codes.int32) } },
        ],
        inputs: [{ name: "x", ...half }],
        outputs: [
          { name: "y", ...half },
          { name: "z", code: codes.int32 },
        ],
        constants: {
          w: halves([0x4000, 0x3800]),
          two: { dtype: "int64", shape: [1], data: BigInt64Array.of(2n) },
        },
      }),
    );
    const graph = readOnnx(bytes, "a.onnx");
    expect([...graph.inputs, graph.outputs[0]!].map(({ dtype }) => dtype)).toEqual(["float32", "float32"]);
    expect(await runGraph(graph, { x: float32([2], [3, 5]) })).toEqual({
      y: float32([2], [7, 3.5]),
      z: { dtype: "int32", shape: [2], data: Int32Array.of(3, 5) },
    });
  });

  it("and are made anew each time they are asked for", () => {
    const graph = readOnnx(
      foreignModel(new Message().with(5, tensorMessage("c", halves([0x3c00])))),
      "a.onnx",
    );
    const constant = graph.initializers.get("c")!;
    expect(constant.bytes).toEqual(new Uint8Array(Float32Array.of(1).buffer));
    expect(constant.bytes).not.toBe(constant.bytes);
  });
});

describe("a Constant node", () => {
  const value = (name: string, attribute: Message): unknown => {
    const node = new Message().text(2, "c").text(4, "Constant").with(5, attribute.text(1, name));
    const graph = readOnnx(foreignModel(new Message().with(1, node)), "a.onnx");
    const constant = graph.initializers.get("c");
    return constant ? initializerTensor(constant) : graph.nodes;
  };

  it("is a constant in any of its forms", () => {
    expect(value("value_float", new Message().float(2, 1.5).int(20, 1))).toEqual(float32([], [1.5]));
    expect(value("value_floats", new Message().float(7, 1.5).float(7, 2).int(20, 6))).toEqual(
      float32([2], [1.5, 2]),
    );
    expect(value("value_int", new Message().int(3, -4).int(20, 2))).toEqual({
      dtype: "int64",
      shape: [],
      data: BigInt64Array.of(-4n),
    });
    expect(value("value_ints", new Message().int(8, 5).int(20, 7))).toEqual({
      dtype: "int64",
      shape: [1],
      data: BigInt64Array.of(5n),
    });
  });

  it("of text stays a node", () => {
    expect(value("value_string", new Message().text(4, "cat").int(20, 3))).toEqual([
      {
        name: "c",
        op: "Constant",
        domain: "",
        inputs: [],
        outputs: ["c"],
        attributes: { value_string: { type: "string", value: "cat" } },
      },
    ]);
  });
});
