import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/gradient.ts";
import { random } from "../../src/base/random.ts";
import { type DType, float32, int64, scalar, type Tensor, tensor } from "../../src/base/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Attributes, int, ints, string, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { type Case, checkGradient, checkSecondGradient, engine } from "./finite-differences.ts";

const source = () => random(7, "gradient test");

function draw(seed: string, shape: readonly number[]): Tensor<"float32"> {
  const from = random(7, seed);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return float32(
    shape,
    Float32Array.from({ length: size }, () => from.uniform(-1, 1)),
  );
}

/** The value of `outputs` at `feeds`. */
async function evaluate(
  g: GraphBuilder,
  outputs: Record<string, Value>,
  feeds: Record<string, Tensor>,
): Promise<Record<string, number[]>> {
  const program = await engine.compile(g.finish("test", outputs));
  const needed = Object.fromEntries(program.inputs.map(({ name }) => [name, feeds[name]!]));
  const results = await program.run(needed);
  await program.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
}

/** Convolution, tanh, mean pool, a skip connection, a dense layer: smooth, so that differences of it are sharp. */
const network: Case = {
  inputs: {
    x: draw("x", [2, 2, 6, 5]),
    w: draw("w", [3, 2, 3, 3]),
    b: draw("b", [3]),
    v: draw("v", [3, 3, 3, 3]),
    d: draw("d", [4, 27]),
  },
  build(g, { x, w, b, v, d }) {
    const first = op.tanh(g, op.conv(g, x!, w!, b!, { pads: [1, 1, 1, 1] }));
    const second = op.add(g, first, op.conv(g, first, v!, undefined, { pads: [1, 1, 1, 1] }));
    const pooled = op.averagePool(g, second, [2, 2], { strides: [2, 2], pads: [0, 0, 0, 1] });
    const scores = op.gemm(g, op.flatten(g, pooled), d!, undefined, { transB: true });
    return op.logSoftmax(g, scores);
  },
};

/** Attention over rows, with a layer norm made of its parts; `x` is used five times. */
const attention: Case = {
  inputs: { x: draw("tokens", [2, 4, 6]), q: draw("q", [6, 6]), k: draw("k", [6, 6]) },
  build(g, { x, q, k }) {
    const mean = op.reduceMean(g, x!, [-1], true);
    const centered = op.sub(g, x!, mean);
    const variance = op.reduceMean(g, op.mul(g, centered, centered), [-1], true);
    const normal = op.div(g, centered, op.sqrt(g, op.add(g, variance, g.constant(scalar(0.1)))));
    const keys = op.transpose(g, op.matMul(g, normal, k!), [0, 2, 1]);
    const weights = op.softmax(g, op.matMul(g, op.matMul(g, normal, q!), keys));
    return op.add(g, x!, op.matMul(g, weights, normal));
  },
};

describe("gradient of whole networks", () => {
  it("agrees with differences through a convolutional network", () => checkGradient(network, source()));
  it("agrees with differences through attention", () => checkGradient(attention, source()));
  it("can be differentiated again through a convolutional network", () =>
    checkSecondGradient(network, source()));
  it("can be differentiated again through attention", () => checkSecondGradient(attention, source()));

  it("adds up over every use of a value", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [3]);
    // x³ + 2x, with x on both sides of one product.
    const square = op.mul(g, x, x);
    const y = op.add(g, op.mul(g, square, x), op.add(g, x, x));
    const [dx, dsquare] = gradient(g, y, [x, square]) as [Value, Value];
    const { slope, inner } = await evaluate(
      g,
      { slope: dx, inner: dsquare },
      { x: float32([3], [1, 2, -3]) },
    );
    expect(slope).toEqual([5, 14, 29]);
    expect(inner).toEqual([1, 2, -3]);
  });

  it("weights the score by the seed", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [3]);
    const [dx] = gradient(g, op.mul(g, x, x), [x], { seed: g.constant(float32([3], [0, 1, -1])) }) as [Value];
    const { slope } = await evaluate(g, { slope: dx }, { x: float32([3], [5, 6, 7]) });
    expect(slope).toEqual([0, 12, -14]);
  });

  it("gives zeros for a value that the score does not depend on", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const other = g.input("other", "float32", [2, 2]);
    const [dx, dother] = gradient(g, op.exp(g, x), [x, other]) as [Value, Value];
    expect(dother.shape).toEqual([2, 2]);
    const { zeros } = await evaluate(g, { zeros: dother, dx }, { x: float32([2], [1, 2]) });
    expect(zeros).toEqual([0, 0, 0, 0]);
  });

  it("is the seed for the score itself", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const y = op.exp(g, x);
    const [dy] = gradient(g, y, [y]) as [Value];
    expect(await evaluate(g, { dy }, {})).toEqual({ dy: [1, 1] });
  });

  it("lets nothing flow through truth values and whole numbers", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [3]);
    const positive = op.not(g, op.lessOrEqual(g, x, g.constant(scalar(0))));
    const [extent] = g.node({ op: "Shape", inputs: [x], outputs: [{ dtype: "int64", shape: [1] }] });
    const y = op.mul(g, op.mul(g, x, op.cast(g, positive, "float32")), op.cast(g, extent!, "float32"));
    const [dx] = gradient(g, y, [x]) as [Value];
    const { slope } = await evaluate(g, { slope: dx }, { x: float32([3], [-1, 2, 3]) });
    expect(slope).toEqual([0, 3, 3]);
  });
});

describe("kinks and ties", () => {
  const slopeAt = async (
    values: readonly number[],
    build: (g: GraphBuilder, x: Value) => Value,
    shape: readonly number[] = [values.length],
  ): Promise<number[]> => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", shape);
    const [slope] = gradient(g, build(g, x), [x]) as [Value];
    return (await evaluate(g, { slope }, { x: float32(shape, values) })).slope!;
  };
  const node =
    (name: string, attributes: Attributes = {}, shape?: readonly number[]) =>
    (g: GraphBuilder, x: Value): Value => {
      const output = { dtype: "float32", shape: shape ?? x.shape } as const;
      return g.node({ op: name, inputs: [x], attributes, outputs: [output] })[0]!;
    };

  it("takes the slope from the left at a kink", async () => {
    expect(await slopeAt([-1, 0, 1], op.relu)).toEqual([0, 0, 1]);
    expect(await slopeAt([-1, 0, 1], (g, x) => op.leakyRelu(g, x, 0.5))).toEqual([0.5, 0.5, 1]);
    expect(await slopeAt([-3, 3], node("HardSwish"))).toEqual([0, 1]);
    expect(await slopeAt([-1, 0, 1], op.abs)).toEqual([-1, 0, 1]);
  });

  it("passes nothing at the bounds of a clip", async () => {
    const clip = (g: GraphBuilder, x: Value) => op.clip(g, x, g.constant(scalar(0)), g.constant(scalar(6)));
    expect(await slopeAt([-1, 0, 3, 6, 7], clip)).toEqual([0, 0, 1, 0, 0]);
  });

  it("gives a pool's gradient to the first maximum of each window", async () => {
    const pool = (g: GraphBuilder, x: Value) => op.maxPool(g, x, [2], { strides: [2] });
    expect(await slopeAt([5, 5, 1, 2], pool, [1, 1, 4])).toEqual([1, 0, 0, 1]);
    const overlapping = (g: GraphBuilder, x: Value) => op.maxPool(g, x, [2]);
    expect(await slopeAt([1, 5, 5, 0], overlapping, [1, 1, 4])).toEqual([0, 2, 1, 0]);
    const dilated = (g: GraphBuilder, x: Value) => op.maxPool(g, x, [2], { strides: [2], dilations: [2] });
    expect(await slopeAt([0, 0, 9, 0, 1], dilated, [1, 1, 5])).toEqual([0, 0, 2, 0, 0]);
  });

  it("shares among the equals of an elementwise or reduced maximum", async () => {
    const both = (g: GraphBuilder, x: Value) => op.max(g, x, g.constant(float32([3], [2, 2, 2])));
    expect(await slopeAt([1, 2, 3], both)).toEqual([0, 0.5, 1]);
    expect(await slopeAt([3, 1, 3, 3], (g, x) => op.reduceMax(g, x, [0]))).toEqual(
      [1, 0, 1, 1].map((part) => Math.fround(part / 3)),
    );
  });

  it("stays finite where a formula alone would not", async () => {
    const power = (exponent: number) => (g: GraphBuilder, x: Value) =>
      op.pow(g, x, g.constant(scalar(exponent)));
    expect(await slopeAt([0, 2], power(0))).toEqual([0, 0]);
    expect(await slopeAt([0, -2], power(2))).toEqual([0, -4]);
    const norm = (g: GraphBuilder, x: Value) =>
      g.node({ op: "ReduceL2", inputs: [x], outputs: [{ dtype: "float32", shape: [1] }] })[0]!;
    expect(await slopeAt([0, 0], norm)).toEqual([0, 0]);
    expect(await slopeAt([0, 0, 3, 4], node("LpNormalization"), [2, 2])).toEqual(
      [0, 0, 0.032, -0.024].map((part) => expect.closeTo(part, 6)),
    );
    expect(await slopeAt([-2, 0, 3], (g, x) => op.reduceL1(g, x, [0]))).toEqual([-1, 0, 1]);
    const pool = node("LpPool", { kernel_shape: ints([2]), strides: ints([2]) }, [1, 1, 2]);
    expect(await slopeAt([0, 0, 3, 4], pool, [1, 1, 4])).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)]);
  });

  it.for(["Elu", "Gelu", "HardSwish", "Mish", "Softplus", "Swish"])(
    "%s is flat far below 0 and steep far above",
    async (name) => {
      const g = new GraphBuilder({ ...new GraphBuilder().finish("", {}), opset: 24 });
      const x = g.input("x", "float32", [2]);
      const [slope] = gradient(g, node(name)(g, x), [x]) as [Value];
      const results = await evaluate(g, { slope }, { x: float32([2], [-1000, 1000]) });
      expect(results.slope!.map(Math.abs)).toEqual([0, 1]);
    },
  );

  it("gives each factor the product of the others, zeros among them or not", async () => {
    const product = (g: GraphBuilder, x: Value) => op.reduceProd(g, x, [1]);
    expect(await slopeAt([2, 3, 4, 2, 0, 4, 0, 3, 0], product, [3, 3])).toEqual([12, 8, 6, 0, 8, 0, 0, 0, 0]);
  });

  it("passes straight through a quantization, but for what it cuts off", async () => {
    const quantized =
      (...steps: readonly Tensor[]) =>
      (g: GraphBuilder, x: Value): Value => {
        const by = steps.map((tensor) => g.constant(tensor));
        const quantum = { dtype: "uint8", shape: x.shape } as const;
        const [q] = g.node({ op: "QuantizeLinear", inputs: [x, ...by], outputs: [quantum] });
        const outputs = [{ dtype: "float32", shape: x.shape }] as const;
        return g.node({ op: "DequantizeLinear", inputs: [q, ...by], outputs })[0]!;
      };
    const whole = quantized(scalar(0.1), tensor("uint8", [], Uint8Array.of(5)));
    // Kept are the steps from −5 to 250; −0.54 still rounds to −5.
    expect(await slopeAt([-0.6, -0.54, 0.03, 25.04, 25.06], whole)).toEqual([0, 1, 1, 1, 0]);
    const byChannel = quantized(float32([2], [1, 0.01]));
    expect(await slopeAt([200, 200, -1, 2], byChannel, [2, 2])).toEqual([1, 0, 0, 1]);
  });

  it("passes what a dropout in training mode kept in that very run", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [100]);
    const on = tensor("bool", [], Uint8Array.of(1));
    const inputs = [x, g.constant(scalar(0.75)), g.constant(on)];
    const [y] = g.node({ op: "Dropout", inputs, outputs: [{ dtype: "float32", shape: [100] }] });
    const [slope] = gradient(g, y!, [x]) as [Value];
    const ones = float32([100], new Array(100).fill(1));
    const results = await evaluate(g, { kept: y!, slope }, { x: ones });
    expect(new Set(results.kept)).toEqual(new Set([0, 4]));
    expect(results.slope).toEqual(results.kept);
  });
});

describe("what cannot be differentiated", () => {
  const attempt = (
    name: string,
    constants: readonly Tensor[],
    attributes: Attributes = {},
    domain = "",
    dtype: DType = "float32",
  ) => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 4, 4]);
    const [y] = g.node({
      op: name,
      domain,
      inputs: [x, ...constants.map((tensor) => g.constant(tensor))],
      attributes,
      outputs: [{ dtype, shape: [1, 1, 4, 4] }],
    });
    return () => gradient(g, y!, [x]);
  };

  it("names an operator that has no rule", () => {
    expect(attempt("Det", [])).toThrow(
      'There is no gradient rule for the operator Det (node "Det"); what does not pass through it still works.',
    );
  });

  it("does not mind such an operator beside the way", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 2]);
    g.node({ op: "Det", inputs: [x], outputs: [{ dtype: "float32", shape: [] }] });
    const [slope] = gradient(g, op.exp(g, x), [x]) as [Value];
    expect((await evaluate(g, { slope }, { x: float32([2, 2], [0, 0, 0, 0]) })).slope).toEqual([1, 1, 1, 1]);
  });

  it("names a pool that counts by columns", () => {
    expect(attempt("MaxPool", [], { storage_order: int(1) })).toThrow(
      'MaxPool (node "MaxPool") counts its indices by columns (storage_order 1); export the model with rows (0).',
    );
  });

  it("names a resize of a kind that it does not know", () => {
    const other: Attributes = { coordinate_transformation_mode: string("tf_half_pixel_for_nn") };
    expect(attempt("Resize", [float32([0], []), float32([4], [1, 1, 1, 1])], other)).toThrow(
      /^Resize \(node "Resize"\) has no gradient for the coordinates tf_half_pixel_for_nn; half_pixel, .* have one\.$/,
    );
  });

  it("names a scatter that does not add", () => {
    const updates = [int64([1, 1, 1, 1], [0]), float32([1, 1, 1, 1], [2])];
    expect(attempt("ScatterElements", updates, { reduction: string("mul") })).toThrow(
      'ScatterElements (node "ScatterElements") has no gradient for the reduction mul; none and add have one.',
    );
  });

  it("names an equation that takes a diagonal", () => {
    expect(attempt("Einsum", [], { equation: string("abii->abi") })).toThrow(
      'Einsum (node "Einsum") has no gradient for the equation "abii->abi", in which "abii" names an axis twice; take the diagonal by other operators.',
    );
  });

  it("names what ONNX Runtime's optimizations made and it does not know", () => {
    const weights = float32([1, 1, 1, 1], [1]);
    const contributed = "com.microsoft";
    expect(attempt("FusedConv", [weights], { activation: string("HardSwish") }, contributed)).toThrow(
      `FusedConv (node "FusedConv") has no gradient with the activation HardSwish; save the model without ONNX Runtime's optimizations.`,
    );
    expect(attempt("FusedMatMul", [weights], { transBatchA: int(1) }, contributed)).toThrow(
      `FusedMatMul (node "FusedMatMul") turns its batch axes, which has no gradient; save the model without ONNX Runtime's optimizations.`,
    );
  });

  it("names a quantization by blocks", () => {
    const scale = float32([1, 1, 4, 2], new Array(8).fill(1));
    const blocks = attempt("QuantizeLinear", [scale], { block_size: int(2), axis: int(3) }, "", "int8");
    expect(blocks).toThrow(
      'QuantizeLinear (node "QuantizeLinear") has a scale for each block, which has no gradient; quantize by tensor or by channel.',
    );
  });

  it("names an input that it needs to be constant", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [4]);
    const start = g.input("start", "int64", [1]);
    const end = g.constant(int64([1], [4]));
    const [y] = g.node({ op: "Slice", inputs: [x, start, end], outputs: [{ dtype: "float32", shape: [2] }] });
    expect(() => gradient(g, y!, [x])).toThrow(
      `The gradient of Slice (node "Slice") needs its input "start" to be a constant; fold the model's constants when you export it.`,
    );
  });
});
