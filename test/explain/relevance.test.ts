import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { explain } from "../../src/explain/explain.ts";
import type { OptionValues } from "../../src/explain/option.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { Model } from "../../src/model/model.ts";
import { presetFor } from "../../src/model/preprocessing.ts";
import { expectClose, fixture, fixtureNames, oneConv, toy } from "./reference.ts";

type Options = Partial<OptionValues>;

async function attributed(
  model: Model,
  method: string,
  numbers: number[],
  options: Options = {},
  target = 0,
) {
  const { channels, height, width } = model.input;
  const picture = float32([channels, height, width], numbers);
  return explain(model, picture, { method, target, options });
}

const filled = (shape: readonly number[], value: number): Tensor<"float32"> =>
  float32(shape, new Float32Array(shape.reduce((size, extent) => size * extent, 1)).fill(value));

/** Captum's two layers of three, and one that is nothing, so that there are two classes. */
const twoLayers = (
  activation: (g: GraphBuilder, x: Value) => Value,
  [first, second]: readonly [number, number],
  corner = first,
): Model =>
  toy([3, 1, 1], (g, x) => {
    const weights = float32([3, 3], [corner, ...new Array<number>(8).fill(first)]);
    const hidden = activation(g, op.matMul(g, op.flatten(g, x), g.constant(weights)));
    const out = float32([3, 2], [second, 0, second, 0, second, 0]);
    return { logits: op.matMul(g, hidden, g.constant(out)), layers: {} };
  });

describe("Captum's small networks", () => {
  const expectRaw = async (
    model: Model,
    method: string,
    picture: number[],
    expected: number[],
    options: Options = {},
    target = 0,
  ): Promise<void> => {
    const { raw, checks } = await attributed(model, method, picture, options, target);
    expectClose(raw, float32(raw.shape, expected), { atol: 1e-5, rtol: 1e-5 });
    expect(Math.abs(checks.completeness!)).toBeLessThan(1e-4);
  };

  test("a convolution, whose biases happen to keep as much as they lose", () =>
    expectRaw(
      oneConv(),
      "lrp-epsilon",
      Array.from({ length: 16 }, (_, at) => at),
      [0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 0, 0, 0],
      { epsilon: 1e-9 },
    ));

  test("two layers", () =>
    expectRaw(twoLayers(op.relu, [2, 3]), "lrp-epsilon", [1, 2, 3], [18, 36, 54], { epsilon: 1e-9 }));

  test("only what excites", () =>
    expectRaw(twoLayers(op.relu, [2, 3], -2), "lrp-alpha-beta", [1, 2, 3], [12, 33.6, 50.4], {
      alpha: 1,
      beta: 0,
    }));

  test("a hyperbolic tangent", async () => {
    const { raw } = await attributed(twoLayers(op.tanh, [0.1, 0.1]), "lrp-epsilon", [1, 2, 3], {
      epsilon: 1e-9,
    });
    for (const [at, value] of [0.0269, 0.0537, 0.0806].entries()) expect(raw.data[at]).toBeCloseTo(value, 4);
  });

  test("a connection that skips a layer", () =>
    expectRaw(
      toy([2, 1, 1], (g, x) => {
        const flat = op.flatten(g, x);
        return { logits: op.add(g, op.matMul(g, flat, g.constant(filled([2, 2], 5))), flat), layers: {} };
      }),
      "lrp-epsilon",
      [2, 3],
      [10, 18],
      { epsilon: 1e-9 },
      1,
    ));
});

// Gates, normalizations and smooth activations are taken as linear by LRP alone.
const piecewiseLinear = fixtureNames.filter((name) => !/convnext|inception|mobilenet|vit/.test(name));

test.each(piecewiseLinear)("LRP-z is input × gradient on %s", async (name) => {
  const { model, input, target, tensor, about } = await fixture(name);
  const { raw } = await explain(model, input, { method: "lrp-z", target });
  const expected = tensor("input_x_gradient");
  const { atol, rtol } = about("input_x_gradient");
  const largest = Math.max(...expected.data.map(Math.abs));
  expectClose(float32(expected.shape, raw.data), expected, { atol: atol + 1e-5 * largest, rtol });
});

// The others average zeros alone somewhere, or normalize layers, which may multiply.
const keeping = fixtureNames.filter((name) => /densenet|mobilenet|plain|resnet/.test(name));

test.each(keeping)("no relevance is made or lost where no bias has a share, on %s", async (name) => {
  const { model, input, target } = await fixture(name);
  for (const method of ["lrp-flat", "lrp-w-square"]) {
    const { raw, checks, target: explained } = await explain(model, input, { method, target });
    const sum = raw.data.reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(explained.logit, 4);
    expect(sum - explained.logit).toBeCloseTo(checks.completeness!, 5);
  }
});

test.each(fixtureNames)("rules of three kinds pass every operator of %s", async (name) => {
  const { model, input, target } = await fixture(name);
  const { raw } = await explain(model, input, { method: "lrp-epsilon-gamma-box", target });
  expect(raw.shape).toEqual(input.shape.slice(1));
  expect(raw.data.every(Number.isFinite)).toBe(true);
});

describe("the picture's bounds", () => {
  const model = (prepare: (g: GraphBuilder, x: Value) => Value): Model =>
    toy([1, 1, 2], (g, x) => {
      const w = g.constant(float32([2, 1, 1, 2], [1, 2, -1, 1]));
      return { logits: op.flatten(g, op.conv(g, prepare(g, x), w)), layers: {} };
    });
  const plain = model((_, x) => x);

  test("are what black and white are", async () => {
    const known = { ...plain, input: { ...plain.input, preprocessing: presetFor("unit", 1) } };
    // l = 0 and h = 1, w = (1, 2): parts x w = (0.5, 0.5) of a score of 1.
    expect([...(await attributed(known, "lrp-z-box", [0.5, 0.25])).raw.data]).toEqual([0.5, 0.5]);
    // w = (−1, 1): x w − h w⁻ = (0.5, 0.25) of a score of −0.25.
    const [first, second] = (await attributed(known, "lrp-z-box", [0.5, 0.25], {}, 1)).raw.data;
    expect([first, second]).toEqual([expect.closeTo(-1 / 6, 6), expect.closeTo(-1 / 12, 6)]);
  });

  test("are its largest magnitude where nobody said, and pass what prepares the picture", async () => {
    // l = −0.5, h = 0.5: parts x w + 0.5 w of (1, 0.5 · 3).
    const [first, second] = (await attributed(plain, "lrp-z-box", [0.5, 0.25])).raw.data;
    expect([first, second]).toEqual([expect.closeTo(0.4, 6), expect.closeTo(0.6, 6)]);
    const halves = model((g, x) =>
      op.div(g, op.sub(g, x, g.constant(float32([], [1]))), g.constant(float32([], [-2]))),
    );
    // The layer sees (1 − x)/2, from 0 for 1 to 1 for −1, and x = 0, 0.5 as 0.5, 0.25.
    const shares = (await attributed(halves, "lrp-z-box", [0, 0.5], { low: -1, high: 1 })).raw.data;
    expect([...shares]).toEqual([0.5, 0.5]);
  });
});

/** A convolution of two channels and a dense layer, for pictures of 3 × 3. */
const small = (): Model =>
  toy([1, 3, 3], (g, x) => {
    const kernels = g.constant(float32([2, 1, 2, 2], [1, -2, 3, 1, -1, 2, 1, -1]));
    const hidden = op.relu(g, op.conv(g, x, kernels, g.constant(float32([2], [0.5, -0.25]))));
    const weights = float32([2, 8], [1, -1, 2, 1, -2, 1, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0]);
    const bias = g.constant(float32([2], [0.5, 0]));
    return {
      logits: op.gemm(g, op.flatten(g, hidden), g.constant(weights), bias, { transB: true }),
      layers: {},
    };
  });

// Worked out by Zennit in float64, its stabilizers at 1e-12.
test.each<[method: string, options: Options, expected: number[]]>([
  ["lrp-epsilon-plus", { epsilon: 1e-9 }, [1, 2.975, 3.9, 0, 11.199436, 5.569048, 0.821429, 2.714286, 0]],
  [
    "lrp-epsilon-alpha2-beta1",
    { epsilon: 1e-9 },
    [2, 6.307143, 9.228571, 0, 22.398872, 11.852381, 1.642857, 0.828571, -9.5],
  ],
  [
    "lrp-epsilon-gamma-box",
    { epsilon: 1e-9, low: -3, high: 3 },
    [0.962963, 3.268535, 3.682609, 2.988095, 7.013637, 5.007971, 1.095238, 4.347619, 0.633333],
  ],
  ["lrp-preset-a", {}, [0.996622, 2.964949, 3.886824, 0, 11.1616, 5.550233, 0.818653, 2.705116, 0]],
])("%s as Zennit has it", async (method, options, expected) => {
  const { raw } = await attributed(small(), method, [1, -1, 2, 0, 3, -2, 1, 1, -1], options);
  expectClose(raw, float32([1, 3, 3], expected), { atol: 2e-6, rtol: 1e-6 });
});

describe("composites and starts", () => {
  test("alpha and beta must keep the sum", async () => {
    const wrong = attributed(oneConv(), "lrp-alpha-beta", new Array(16).fill(1), { alpha: 2, beta: 0 });
    await expect(wrong).rejects.toThrow(UserError);
    await expect(wrong).rejects.toThrow("alpha is 1 more than beta");
  });

  test("excitation backpropagation begins with 1, deep Taylor decomposition with what is above zero", async () => {
    const net = twoLayers(op.relu, [2, 3], -2);
    const { raw } = await attributed(net, "excitation-backprop", [1, 2, 3]);
    expectClose(raw, float32([3, 1, 1], [12 / 96, 33.6 / 96, 50.4 / 96]), { atol: 1e-6, rtol: 1e-6 });
    const negative = twoLayers(op.relu, [2, -3]);
    expect([...(await attributed(negative, "deep-taylor", [1, 2, 3])).raw.data]).toEqual([0, 0, 0]);
  });

  test("the difference of two classes is the difference of their relevance", async () => {
    const net = oneConv();
    const picture = Array.from({ length: 16 }, (_, at) => at);
    const options = { method: "lrp-z-plus" };
    const of = async (target: number) =>
      (await explain(net, float32([1, 4, 4], picture), { ...options, target })).raw.data;
    const [a, b] = [await of(0), await of(1)];
    const both = await explain(net, float32([1, 4, 4], picture), { ...options, target: 0, against: 1 });
    expectClose(
      both.raw,
      float32(
        [1, 4, 4],
        a.map((value, at) => value - b[at]!),
      ),
      { atol: 1e-5, rtol: 1e-5 },
    );
  });
});

describe("a single logit", () => {
  /** One that speaks for the second class, and its opposite. */
  const single = (sign: 1 | -1): Model => ({
    ...toy([3, 1, 1], (g, x) => {
      const hidden = op.relu(
        g,
        op.matMul(g, op.flatten(g, x), g.constant(float32([3, 2], [1, -1, 0.5, 2, -2, 1]))),
      );
      const out = float32([2, 1], [3 * sign, -2 * sign]);
      return { logits: op.matMul(g, hidden, g.constant(out)), layers: {} };
    }),
    classes: ["first", "second"],
  });
  const methods = ["lrp-z-plus", "lrp-epsilon-plus", "lrp-alpha-beta", "lrp-gamma", "excitation-backprop"];

  test.each(methods)("its first class is what speaks against it: %s", async (method) => {
    const picture = [0.5, 1.5, 0.25];
    const first = await attributed(single(1), method, picture, {}, 0);
    const second = await attributed(single(-1), method, picture, {}, 1);
    expect(first.raw.data.some((value) => value !== 0)).toBe(true);
    expectClose(first.raw, second.raw, { atol: 1e-6, rtol: 1e-5 });
  });
});
