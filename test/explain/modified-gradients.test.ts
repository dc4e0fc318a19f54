import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { explainBatch } from "../../src/explain/explain.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import { floats, string, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { Model } from "../../src/model/model.ts";
import { oneConv, toy } from "./reference.ts";

/** What a method gives for one picture, as a plain list. */
async function attributed(model: Model, method: string, numbers: number[], options = {}): Promise<number[]> {
  const { channels, height, width } = model.input;
  const picture = float32([1, channels, height, width], numbers);
  const [explanation] = await explainBatch(model, picture, { method, target: 0, ...options });
  return [...explanation!.raw.data].map((value) => value + 0);
}

describe("Captum's convolution", () => {
  const picture = Array.from({ length: 16 }, (_, at) => at);
  test.each([
    ["guided-backprop", [0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1]],
    ["deconvnet", [2, 3, 3, 1, 3, 5, 5, 2, 3, 5, 5, 2, 1, 2, 2, 1]],
  ])("%s", async (method, expected) => {
    expect(await attributed(oneConv(), method, picture)).toEqual(expected);
  });
});

test("guided Grad-CAM on Captum's convolution, enlarged as there", async () => {
  const picture = Array.from({ length: 16 }, (_, at) => at);
  const request = { layer: "relu1", options: { interpolation: "nearest" } };
  expect(await attributed(oneConv(), "guided-grad-cam", picture, request)).toEqual([
    ...[0, 0, 4, 4],
    ...[0, 0, 12, 8],
    ...[28, 84, 97.5, 65],
    ...[28, 56, 65, 32.5],
  ]);
});

/** The sum of `f` over a row of pixels, for two classes, of which the second is nothing. */
const sumOf = (pixels: number, f: (g: GraphBuilder, x: Value) => Value): Model =>
  toy([1, 1, pixels], (g, x) => {
    const score = op.reduceSum(g, op.flatten(g, f(g, x)), [1], true);
    return { logits: op.concat(g, [score, op.mul(g, score, zero(g))], 1), layers: {} };
  });
const zero = (g: GraphBuilder): Value => g.constant(float32([], [0]));

describe("Xplique's functions of a ReLU", () => {
  const picture = [5, 0, -5, 10];
  const falling = (g: GraphBuilder, x: Value): Value => {
    const y = op.relu(g, x);
    return op.neg(g, op.mul(g, y, y));
  };
  const tenfold = (g: GraphBuilder, x: Value): Value =>
    op.mul(g, op.relu(g, x), g.constant(float32([], [10])));

  test("guided backpropagation stops at what falls", async () => {
    expect(await attributed(sumOf(4, falling), "guided-backprop", picture)).toEqual([0, 0, 0, 0]);
  });

  test("deconvnet passes shut units", async () => {
    expect(await attributed(sumOf(4, tenfold), "deconvnet", picture)).toEqual([10, 10, 10, 10]);
  });

  test("the walk back may begin with the score", async () => {
    const start = { options: { start: "score" } };
    expect(await attributed(sumOf(4, tenfold), "guided-backprop", picture, start)).toEqual([
      1500, 0, 0, 1500,
    ]);
  });
});

describe("what is a ReLU", () => {
  const constant = (g: GraphBuilder, value: number): Value => g.constant(float32([], [value]));
  const clip = (g: GraphBuilder, x: Value, ...bounds: (Value | undefined)[]): Value =>
    g.node({ op: "Clip", inputs: [x, ...bounds], outputs: [{ dtype: "float32", shape: x.shape }] })[0]!;
  const fused = (g: GraphBuilder, x: Value): Value =>
    g.node({
      op: "FusedConv",
      domain: "com.microsoft",
      inputs: [x, g.constant(float32([1, 1, 1, 1], [1]))],
      attributes: { activation: string("Clip"), activation_params: floats([0, 3.4028234663852886e38]) },
      outputs: [{ dtype: "float32", shape: x.shape }],
    })[0]!;
  // Against the target on the left, for it on the right.
  const weighted =
    (f: (g: GraphBuilder, x: Value) => Value) =>
    (g: GraphBuilder, x: Value): Value =>
      op.mul(g, f(g, x), g.constant(float32([1, 1, 1, 4], [-1, -2, 3, 4])));

  test.each<[string, (g: GraphBuilder, x: Value) => Value]>([
    ["Relu", op.relu],
    ["Clip from 0", (g, x) => clip(g, x, constant(g, 0))],
    ["Clip from 0 to infinity", (g, x) => clip(g, x, constant(g, 0), constant(g, Number.POSITIVE_INFINITY))],
    ["Max with 0", (g, x) => op.max(g, constant(g, 0), x)],
    ["one in a convolution", fused],
  ])("%s", async (_, relu) => {
    const picture = [1, -1, -1, 9];
    expect(await attributed(sumOf(4, weighted(relu)), "guided-backprop", picture)).toEqual([0, 0, 0, 4]);
    expect(await attributed(sumOf(4, weighted(relu)), "deconvnet", picture)).toEqual([0, 0, 3, 4]);
  });

  test.each<[string, (g: GraphBuilder, x: Value) => Value, number[]]>([
    ["ReLU6", (g, x) => clip(g, x, constant(g, 0), constant(g, 6)), [-1, 0, 0, 0]],
    ["LeakyReLU", (g, x) => op.leakyRelu(g, x, 0.5), [-1, -1, 1.5, 4]],
    ["Max with 1", (g, x) => op.max(g, x, constant(g, 1)), [-1, 0, 0, 4]],
    ["a Max of two activations", (g, x) => op.max(g, x, op.neg(g, x)), [-1, 2, -3, 4]],
  ])("%s keeps its gradient", async (_, f, expected) => {
    const picture = [1.5, -1, -1, 9];
    for (const method of ["guided-backprop", "deconvnet"])
      expect(await attributed(sumOf(4, weighted(f)), method, picture)).toEqual(expected);
  });
});

describe("redirected ReLU", () => {
  const relu6 = (g: GraphBuilder, x: Value): Value =>
    op.clip(g, x, g.constant(float32([], [0])), g.constant(float32([], [6])));
  // Lucid's own table is of a loss: both signs are turned.
  test.each([
    ["ReLU", op.relu, 1, -1, 1],
    ["ReLU", op.relu, -1, -1, 0],
    ["ReLU", op.relu, 1, 1, 1],
    ["ReLU", op.relu, -1, 1, -1],
    ["ReLU6", relu6, -1, 7, -1],
    ["ReLU6", relu6, 1, 7, 0],
  ] as const)("%s, %o, a gradient of %d at %d", async (_, relu, slope, x, expected) => {
    const model = sumOf(1, (g, value) => op.mul(g, relu(g, value), g.constant(float32([], [slope]))));
    expect(await attributed(model, "redirected-relu", [x])).toEqual([expected]);
  });

  test("where any unit is open it is the gradient, picture by picture", async () => {
    const model = sumOf(2, op.relu);
    const pictures = float32([2, 1, 1, 2], [1, -1, -1, -1]);
    const explanations = await explainBatch(model, pictures, { method: "redirected-relu", target: 0 });
    expect(explanations.map(({ raw }) => [...raw.data])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });
});
