import { describe, expect, test } from "vitest";
import { alphaBeta, zPlus } from "../../src/autodiff/relevance/rules/alpha-beta.ts";
import { epsilon } from "../../src/autodiff/relevance/rules/epsilon.ts";
import { flat } from "../../src/autodiff/relevance/rules/flat.ts";
import { UserError } from "../../src/base/errors.ts";
import { float32 } from "../../src/base/tensor.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import { float, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { draw, expectNear, propagate } from "./propagate.ts";

const z = () => () => epsilon(0);
const excited = () => () => alphaBeta({ alpha: 1, beta: 0, bias: true });
const vector = (g: GraphBuilder, ...numbers: number[]): Value =>
  g.constant(float32([numbers.length], numbers));

describe("what stands behind a layer is merged into it", () => {
  const x = draw("x", [1, 2, 3, 3]);
  const w = draw("w", [4, 2, 2, 2]);
  const r = draw("r", [1, 4, 2, 2]);
  /** `(v − mean) / √(var + ε) · scale + bias`, with variances that make the roots 1, 2, 3 and 4. */
  const [scales, biases, means] = [
    [1, -2, 3, 4],
    [0.5, -1, 2, 0.25],
    [1, 0.5, -2, 1],
  ] as const;
  const factors = scales.map((value, at) => value / (at + 1));
  const normalized = (g: GraphBuilder, v: Value): Value =>
    g.node({
      op: "BatchNormalization",
      inputs: [
        v,
        vector(g, ...scales),
        vector(g, ...biases),
        vector(g, ...means),
        vector(g, 1 - 1e-3, 4 - 1e-3, 9 - 1e-3, 16 - 1e-3),
      ],
      attributes: { epsilon: float(1e-3) },
      outputs: [{ dtype: "float32", shape: v.shape }],
    })[0]!;

  test("batch normalization behind a convolution", async () => {
    const bias = draw("b", [4]);
    const apart = await propagate(
      x,
      (g, input) => op.relu(g, normalized(g, op.conv(g, input, g.constant(w), g.constant(bias)))),
      excited,
      r,
    );
    const weights = w.data.map((value, at) => value * factors[Math.floor(at / 8)]!);
    const offsets = bias.data.map((value, at) => (value - means[at]!) * factors[at]! + biases[at]!);
    const merged = await propagate(
      x,
      (g, input) =>
        op.relu(g, op.conv(g, input, g.constant(float32(w.shape, weights)), vector(g, ...offsets))),
      excited,
      r,
    );
    expectNear(apart, merged);
  });

  test("and behind a transposed one with groups", async () => {
    const kernel = draw("k", [2, 2, 2, 2]);
    const start = draw("s", [1, 4, 4, 4]);
    const build =
      (weights: Float32Array, then: (g: GraphBuilder, v: Value) => Value) =>
      (g: GraphBuilder, input: Value) =>
        then(g, op.convTranspose(g, input, g.constant(float32(kernel.shape, weights)), { group: 2 }));
    const apart = await propagate(x, build(kernel.data, normalized), excited, start);
    const weights = kernel.data.map((value, at) => value * factors[Math.floor(at / 4)]!);
    const shift = (g: GraphBuilder, v: Value): Value =>
      op.add(
        g,
        v,
        g.constant(
          float32(
            [4, 1, 1],
            factors.map((value, at) => biases[at]! - means[at]! * value),
          ),
        ),
      );
    expectNear(apart, await propagate(x, build(weights, shift), excited, start));
  });

  test("the bias and scale of a product", async () => {
    const [input, kernel] = [draw("d", [1, 3, 1, 1]), draw("e", [3, 4])];
    const start = draw("f", [1, 4]);
    const apart = await propagate(
      input,
      (g, v) => {
        const product = op.matMul(g, op.reshape(g, v, [1, 3]), g.constant(kernel));
        return op.sub(g, op.mul(g, product, vector(g, ...factors)), vector(g, ...biases));
      },
      excited,
      start,
    );
    const merged = await propagate(
      input,
      (g, v) => {
        const weights = kernel.data.map((value, at) => value * factors[at % 4]!);
        const offsets = vector(g, ...biases.map((value) => -value));
        return op.gemm(g, op.reshape(g, v, [1, 3]), g.constant(float32([3, 4], weights)), offsets);
      },
      excited,
      start,
    );
    expectNear(apart, merged);
  });

  test("but not what somebody else reads as well", async () => {
    // y = (v + 3) + v of v = 2 is 7, of which the bias keeps 3.
    const shares = await propagate(
      float32([1, 1], [1]),
      (g, input) => {
        const v = op.matMul(g, input, g.constant(float32([1, 1], [2])));
        return op.add(g, op.add(g, v, vector(g, 3)), v);
      },
      z,
    );
    expectNear(shares, [4]);
  });

  test("nor what is explained itself", async () => {
    const shares = await propagate(
      float32([1, 1], [1]),
      (g, input) => {
        const v = op.matMul(g, input, g.constant(float32([1, 1], [2])));
        op.add(g, v, vector(g, 3));
        return v;
      },
      z,
    );
    expectNear(shares, [2]);
  });

  test("batch normalization that stands alone is a layer of its own", async () => {
    // y = 2 relu(4 x − 1) with the layer at x, so that the shift's −1 of 4 − 1 is lost: 6 · 4/3.
    const shares = await propagate(
      float32([1, 1, 1, 1], [1]),
      (g, input) => {
        const one = g.constant(float32([1, 1, 1, 1], [1]));
        const first = op.relu(g, op.conv(g, input, one));
        const scaled = g.node({
          op: "BatchNormalization",
          inputs: [first, vector(g, 4), vector(g, -1), vector(g, 0), vector(g, 1)],
          attributes: { epsilon: float(0) },
          outputs: [{ dtype: "float32", shape: first.shape }],
        })[0]!;
        return op.conv(g, op.relu(g, scaled), g.constant(float32([1, 1, 1, 1], [2])));
      },
      z,
    );
    expectNear(shares, [8]);
  });
});

describe("between layers", () => {
  test("sums share by what each term brings, a constant term too", async () => {
    // y = x + x² + 2 of x = 2, by hand: x's term has 2, the product's 4, which goes to x in two halves; 2 is lost.
    const shares = await propagate(
      float32([1, 1], [2]),
      (g, input) => {
        const x = op.matMul(g, input, g.constant(float32([1, 1], [1])));
        return op.sum(g, x, op.mul(g, x, x), g.constant(float32([1, 1], [2])));
      },
      z,
    );
    expectNear(shares, [6]);
  });

  test("a gate lets all relevance through to what it multiplies", async () => {
    const x = draw("x", [1, 2, 2, 2]);
    // x σ(w · x), whose gate is a layer's: nothing goes there, so the relevance is where it began.
    const start = draw("start", [1, 2, 2, 2]);
    const shares = await propagate(
      x,
      (g, input) => {
        const gate = op.sigmoid(g, op.conv(g, input, g.constant(draw("w", [2, 2, 1, 1]))));
        return op.mul(g, gate, input);
      },
      z,
      start,
    );
    expectNear(shares, [...start.data]);
  });

  test("squeeze and excitation is a gate, whatever function it ends in", async () => {
    const x = draw("x", [1, 2, 2, 2]);
    const start = draw("start", [1, 2, 2, 2]);
    const shares = await propagate(
      x,
      (g, input) => {
        const pooled = op.globalAveragePool(g, input);
        return op.mul(g, input, op.relu(g, op.conv(g, pooled, g.constant(draw("w", [2, 2, 1, 1])))));
      },
      () => () => zPlus,
      start,
    );
    expectNear(shares, [...start.data]);
  });

  test("attention's weights are constants", async () => {
    // Two tokens of one number; softmax of zero queries halves them: y = (a + b) / 2 for both.
    const shares = await propagate(
      float32([1, 2, 1], [3, 1]),
      (g, x) => {
        const queries = op.matMul(g, x, g.constant(float32([1, 1], [0])));
        const weights = op.softmax(g, op.matMul(g, queries, op.transpose(g, x, [0, 2, 1])));
        return op.matMul(g, weights, x);
      },
      z,
      float32([1, 2, 1], [1, 1]),
    );
    expectNear(shares, [1.5, 0.5]);
  });

  test("layer normalization shares as the subtraction and division that it is", async () => {
    const x = draw("n", [1, 3, 4]);
    const start = draw("m", [1, 3, 4]);
    const [scale, bias] = [draw("scale", [4]), draw("bias", [4])];
    const whole = await propagate(
      x,
      (g, input) =>
        g.node({
          op: "LayerNormalization",
          inputs: [input, g.constant(scale), g.constant(bias)],
          outputs: [{ dtype: "float32", shape: input.shape }],
        })[0]!,
      z,
      start,
    );
    const inParts = await propagate(
      x,
      (g, input) => {
        const centred = op.sub(g, input, op.reduceMean(g, input, [-1], true));
        const variance = op.reduceMean(g, op.mul(g, centred, centred), [-1], true);
        const root = op.sqrt(g, op.add(g, variance, vector(g, 1e-5)));
        const scaled = op.mul(g, op.div(g, centred, root), g.constant(scale));
        // By Sum: an Add before the first layer would count as preparation.
        return op.sum(g, scaled, g.constant(bias));
      },
      z,
      start,
    );
    expectNear(whole, inParts, 1e-4);
  });

  test("an average shares by what it read, a maximum with the winner", async () => {
    const x = float32([1, 1, 2, 2], [1, 2, 5, 6]);
    expectNear(await propagate(x, (g, input) => op.maxPool(g, input, [2, 2]), z), [0, 0, 0, 6]);
    const averaged = await propagate(x, (g, input) => op.averagePool(g, input, [2, 2]), z);
    expectNear(averaged, [0.25, 0.5, 1.25, 1.5]);
  });

  test("numbers that prepare the picture have no share", async () => {
    // (x − 3) / 2 of pixels that are 3 on one side: flat shares nevertheless.
    const shares = await propagate(
      float32([1, 1, 1, 2], [3, 5]),
      (g, x) => {
        const prepared = op.div(g, op.sub(g, x, vector(g, 3)), vector(g, 2));
        return op.conv(g, prepared, g.constant(float32([1, 1, 1, 2], [1, 7])));
      },
      () => () => flat,
      float32([1, 1, 1, 1], [6]),
    );
    expectNear(shares, [3, 3]);
  });

  test("an operator without a rule is named", async () => {
    const x = draw("x", [1, 4]);
    const softmax = propagate(x, (g, input) => op.softmax(g, input), z);
    await expect(softmax).rejects.toThrow(UserError);
    await expect(softmax).rejects.toThrow(
      'There is no relevance rule for the operator Softmax (node "Softmax"); methods by gradients can explain what passes through it.',
    );
  });
});
