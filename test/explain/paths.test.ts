import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { type ExplainOptions, explain } from "../../src/explain/explain.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { Model } from "../../src/model/model.ts";
import { multiLayer, toy } from "./reference.ts";

/** A score of a picture that is a column of numbers, as the first of two classes. */
function scoring(numbers: number, f: (g: GraphBuilder, x: Value[]) => Value): Model {
  return toy([numbers, 1, 1], (g, x) => {
    const flat = op.flatten(g, x);
    const parts = Array.from({ length: numbers }, (_, at) => op.slice(g, flat, [1], [at], [at + 1]));
    const score = f(g, parts);
    return { logits: op.concat(g, [score, op.neg(g, score)], 1), layers: {} };
  });
}

const constant = (g: GraphBuilder, value: number): Value => g.constant(float32([], [value]));
const times = (g: GraphBuilder, factor: number, x: Value): Value => op.mul(g, constant(g, factor), x);

async function explained(model: Model, picture: readonly number[], options: ExplainOptions) {
  return await explain(model, float32([model.input.channels, 1, 1], picture), { target: 0, ...options });
}

function expectNear(actual: ArrayLike<number>, expected: readonly number[], digits = 5): void {
  expect(actual.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) expect(actual[at]).toBeCloseTo(value, digits);
}

const column = (...numbers: number[]) => float32([numbers.length, 1, 1], numbers);

describe("integrated gradients", () => {
  // Sundararajan et al., figure 7: two networks that compute the same.
  test.each<[string, (g: GraphBuilder, x: Value[]) => Value]>([
    [
      "ReLU(ReLU(x₁) − 1 − ReLU(x₂))",
      (g, [a, b]) => {
        const left = op.sub(g, op.relu(g, a!), constant(g, 1));
        return op.relu(g, op.sub(g, left, op.relu(g, b!)));
      },
    ],
    [
      "ReLU(ReLU(x₁ − 1) − ReLU(x₂))",
      (g, [a, b]) => op.relu(g, op.sub(g, op.relu(g, op.sub(g, a!, constant(g, 1))), op.relu(g, b!))),
    ],
  ])("%s is explained as its equal is", async (_, f) => {
    // The bend lies at the middle of the way, between two of 50 points.
    const { raw, checks } = await explained(scoring(2, f), [3, 1], {
      method: "integrated-gradients",
      options: { steps: 50, rule: "riemann-middle" },
    });
    expectNear(raw.data, [1.5, -0.5]);
    expect(checks.completeness).toBeCloseTo(0, 5);
    expect(checks.scoreAtBaseline).toBe(0);
  });

  // PAIR's saliency: f = [5a, b², sin c].
  test.each(["gauss-legendre", "trapezoid", "mean"] as const)("%s on curved functions", async (rule) => {
    const model = scoring(3, (g, [a, b, c]) => op.sum(g, times(g, 5, a!), op.mul(g, b!, b!), op.sin(g, c!)));
    const { raw, checks } = await explained(model, [1, 2, 3], {
      method: "integrated-gradients",
      options: { rule, steps: 1000, baseline: column(0.5, 1, 1) },
    });
    const difference = [2.5, 3, Math.sin(3) - Math.sin(1)];
    expectNear(raw.data, difference, rule === "mean" ? 2 : 4);
    expect(checks.scoreAtBaseline).toBeCloseTo(2.5 + 1 + Math.sin(1), 4);
    const missed = raw.data.reduce((sum, value) => sum + value, 0) - difference.reduce((a, b) => a + b);
    expect(checks.completeness).toBeCloseTo(missed, 4);
  });

  test("a favourite that changes on the way is not followed", async () => {
    const model = toy([2, 1, 1], (g, x) => ({ logits: op.flatten(g, x), layers: {} }));
    const { raw, target } = await explain(model, column(1, 3), {
      method: "integrated-gradients",
      options: { baseline: column(5, 0) },
    });
    expect(target.label).toBe("class 1");
    expectNear(raw.data, [0, 3]);
  });
});

describe("guided integrated gradients", () => {
  const line = scoring(2, (g, [a, b]) => op.add(g, times(g, 2, a!), b!));
  const square = scoring(2, (g, [a, b]) => {
    const sum = op.add(g, times(g, 2, a!), b!);
    return op.mul(g, sum, sum);
  });
  const run = (model: Model, picture: number[], baseline: number[], numbers: readonly number[]) => {
    const [steps, fraction, deviation] = numbers as [number, number, number];
    return explained(model, picture, {
      method: "guided-ig",
      options: { steps, fraction, deviation, baseline: column(...baseline) },
    });
  };

  test("of a straight function are its terms", async () => {
    const { raw, checks } = await run(line, [10, 5], [-1, -3], [10, 0.1, 0.5]);
    expectNear(raw.data, [22, 8]);
    expect(checks.completeness).toBeCloseTo(0, 4);
  });

  // Computed with PAIR's `guided_ig_impl`, for (2 x₁ + x₂)².
  test.each([
    [
      [3, 3],
      [0, 0],
      [10, 0.1, 0.5],
      [61.56, 10.62],
    ],
    [
      [3, 3],
      [0, 0],
      [20, 0.25, 0.1],
      [57.24, 19.62],
    ],
    [
      [3, 3],
      [0, 0],
      [100, 0.25, 1],
      [70.9236, 9.1782],
    ],
    [
      [3, -1],
      [-1, 2],
      [50, 0.5, 0.02],
      [37.544, -13.1088],
    ],
    [
      [3, -1],
      [-1, 2],
      [100, 0.25, 1],
      [15.3744, 8.3172],
    ],
  ])("from %j to %j by %j", async (to, from, numbers, expected) => {
    expectNear((await run(square, to, from, numbers)).raw.data, expected, 3);
  });

  // The same for cos(w · x) and a square, of six numbers of which one does not move.
  test.each([
    [
      [8, 0.25, 0.1],
      [0.04883508, -0.14031259, 0.13092758, -0.14963915, 1.18593828, 0],
    ],
    [
      [25, 0.4, 0.3],
      [0.13064259, -0.22266371, 0.11584672, -0.26099365, 1.28860794, 0],
    ],
    [
      [25, 0.25, 0.02],
      [0.2438236, -0.24468265, 0.06975176, -0.25840273, 1.25213151, 0],
    ],
  ])("in several blocks by %j", async (numbers, expected) => {
    const model = scoring(6, (g, x) => {
      const weights = [1, -2, 0.5, 3, 0.25, -1.5];
      const sum = op.sum(g, ...x.map((part, at) => times(g, weights[at]!, part)));
      return op.sum(g, op.sin(g, sum), ...x.map((part, at) => times(g, 0.1 * at, op.mul(g, part, part))));
    });
    const { raw } = await run(model, [1, 0.5, -1, 0.25, 2, 0], [0, 0, 0, 0.5, 1, 0], numbers);
    expectNear(raw.data, expected, 5);
  });
});

test("blur integrated gradients are what the score of each pixel gains on the way from the blur", async () => {
  const model = toy([1, 5, 5], (g, x) => {
    const score = op.reduceSum(g, op.flatten(g, op.sin(g, x)), [1], true);
    return { logits: op.concat(g, [score, op.neg(g, score)], 1), layers: {} };
  });
  const picture = float32([1, 5, 5], new Float32Array(25));
  picture.data[6] = 0.7;
  picture.data[12] = 1;
  const { raw, checks } = await explain(model, picture, {
    method: "blur-ig",
    target: 0,
    options: { blur: 10, steps: 200 },
  });
  // Each pixel of itself: sin of what it is, less sin of what it is in the widest blur, 1.7 / (2π · 100) in the middle.
  expect(raw.data[6]).toBeCloseTo(0.641, 2);
  expect(raw.data[12]).toBeCloseTo(0.838, 2);
  expect(raw.data[0]).toBeCloseTo(-0.0026, 3);
  expect(checks.completeness).toBeCloseTo(0, 3);
});

describe("Captum's network of four layers", () => {
  const layered = (
    method: string,
    layer: string,
    picture: number[],
    options: ExplainOptions["options"] = {},
  ) => explained(multiLayer(), picture, { method, layer, options });

  test.each([
    ["linear1", [90, 101, 101, 101]],
    ["linear2", [392, 394]],
  ])("the activation of %s", async (layer, expected) => {
    expectNear((await layered("layer-activation", layer, [0, 100, 0])).raw.data, expected);
  });

  test.each([
    ["linear0", [0, 400, 0]],
    ["linear1", [90, 101, 101, 101]],
  ])("gradient × activation of %s", async (layer, expected) => {
    expectNear((await layered("layer-gradient-x-activation", layer, [0, 100, 0])).raw.data, expected);
  });

  test.each([
    ["linear0", [0, 390, 0]],
    ["linear1", [90, 100, 100, 100]],
    ["relu", [90, 100, 100, 100]],
    ["linear2", [390, 0]],
  ])("conductance of %s", async (layer, expected) => {
    // The one bend, at a tenth of the way, lies in the middle between two of 25 points.
    const { raw, checks } = await layered("layer-conductance", layer, [0, 100, 0], { steps: 25 });
    expectNear(raw.data, expected, 4);
    expect(checks.completeness).toBeCloseTo(0, 4);
  });

  test.each([
    ["linear1", [0, 100, 0], [0, 0, 0], [0.9, 1, 1, 1]],
    ["linear0", [0, 100, 0], [0, 0, 0], [3.9, 3.9, 3.9]],
    ["linear1", [0, 80, 0], [0, -20, 0], [0.7, 0.8, 0.8, 0.8]],
  ])("internal influence of %s at %j from %j", async (layer, picture, baseline, expected) => {
    const { raw } = await layered("layer-internal-influence", layer, picture, {
      steps: 10,
      rule: "riemann-middle",
      baseline: column(...baseline),
    });
    expectNear(raw.data, expected);
  });

  test("layer integrated gradients of what is linear behind are the activation's gain times its weights", async () => {
    const { raw, checks } = await layered("layer-integrated-gradients", "relu", [0, 100, 0], { steps: 3 });
    expectNear(raw.data, [90, 100, 100, 100], 4);
    expect(checks.completeness).toBeCloseTo(0, 3);
    expect(checks.scoreAtBaseline).toBeCloseTo(2, 5);
  });

  test("neuron conductances of a layer add up to the integrated gradients", async () => {
    const options = { steps: 10, rule: "riemann-middle" } as const;
    const { raw: whole } = await explained(multiLayer(), [20, 50, 30], {
      method: "integrated-gradients",
      options,
    });
    const parts = await Promise.all(
      [0, 1, 2, 3].map((channel) =>
        layered("neuron-conductance", "linear1", [20, 50, 30], { ...options, channel }),
      ),
    );
    expectNear(parts[0]!.raw.data, [18, 45, 27], 4);
    const sum = whole.data.map((_, at) => parts.reduce((total, { raw }) => total + raw.data[at]!, 0));
    expectNear(sum, [...whole.data], 4);
    await expect(layered("neuron-conductance", "linear1", [20, 50, 30], { channel: 4 })).rejects.toThrow(
      '"linear1" has 4 channels; there is no channel 4.',
    );
  });
});
