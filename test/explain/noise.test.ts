import { describe, expect, test } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { type ExplainOptions, explain } from "../../src/explain/explain.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { Model } from "../../src/model/model.ts";
import { toy } from "./reference.ts";

/** The sum of a function of four numbers, as the first of two classes. */
const sumOf = (f: (g: GraphBuilder, x: Value) => Value): Model =>
  toy([1, 2, 2], (g, x) => {
    const score = op.reduceSum(g, op.flatten(g, f(g, x)), [1], true);
    return { logits: op.concat(g, [score, op.neg(g, score)], 1), layers: {} };
  });

const weighted = sumOf((g, x) => op.mul(g, x, g.constant(float32([2, 2], [1, -2, 3, 0.5]))));
const squared = sumOf((g, x) => op.mul(g, x, x));

/** From −1 to 3. */
const picture = float32([1, 2, 2], [-1, 3, 0, 1]);

const run = (model: Model, method: string, options: ExplainOptions["options"] = {}, seed = 0) =>
  explain(model, picture, { method, options, seed, target: 0 });

const expectNear = (actual: Tensor<"float32">, expected: readonly number[], slack: number): void => {
  for (const [at, value] of expected.entries())
    expect(Math.abs(actual.data[at]! - value)).toBeLessThanOrEqual(slack);
};

describe("gradients under noise", () => {
  test.each([
    ["smoothgrad", [1, -2, 3, 0.5]],
    ["smoothgrad-squared", [1, 4, 9, 0.25]],
    ["vargrad", [0, 0, 0, 0]],
  ])("%s of a straight function", async (method, expected) => {
    expectNear((await run(weighted, method)).raw, expected, 1e-6);
  });

  // The gradient of x² at x + e is 2x + 2e; the noise's deviation is 0.4, a tenth of the range.
  test.each([
    ["smoothgrad", [-2, 6, 0, 2], 0.1],
    ["smoothgrad-squared", [4.64, 36.64, 0.64, 4.64], 0.7],
    ["vargrad", [0.64, 0.64, 0.64, 0.64], 0.1],
  ])("%s of squares", async (method, expected, slack) => {
    const { raw } = await run(squared, method, { samples: 1000, noise: 0.1 });
    expectNear(raw, expected, slack);
    const other = await run(squared, method, { samples: 1000, noise: 0.1 }, 1);
    expect([...other.raw.data]).not.toEqual([...raw.data]);
  });

  test("no noise is the gradient", async () => {
    expectNear((await run(squared, "smoothgrad", { noise: 0 })).raw, [-2, 6, 0, 2], 1e-6);
    expectNear((await run(squared, "vargrad", { noise: 0 })).raw, [0, 0, 0, 0], 1e-6);
  });
});

describe("gradients from many baselines", () => {
  const set = float32([3, 1, 2, 2], [0, 0, 0, 0, 1, 1, 1, 1, 2, -1, 5, 0]);

  test("of a straight function, the way from the mean baseline times its slopes", async () => {
    const { raw, checks } = await run(weighted, "expected-gradients", { samples: 6, baseline: set });
    expectNear(raw, [-2, -6, -6, 1 / 3], 1e-5);
    expect(checks.completeness).toBeCloseTo(0, 5);
    // Of the three baselines 0, 2.5 and 2 + 2 + 15.
    expect(checks.scoreAtBaseline).toBeCloseTo(21.5 / 3, 5);
  });

  test("of squares, x² − b² in the mean", async () => {
    const { raw, checks } = await run(squared, "expected-gradients", { samples: 300, baseline: set });
    // Places that are spread over the way do much better than the 0.2 of independent ones.
    expectNear(raw, [1 - 5 / 3, 9 - 2 / 3, -26 / 3, 1 - 1 / 3], 0.01);
    const sum = raw.data.reduce((total, value) => total + value, 0);
    expect(checks.completeness).toBeCloseTo(sum - (11 - 34 / 3), 4);
  });

  test("noise on the picture moves the way, and is out in the mean", async () => {
    const { raw } = await run(weighted, "gradient-shap", { samples: 1500, noise: 0.1, baseline: set });
    expectNear(raw, [-2, -6, -6, 1 / 3], 0.1);
    const exact = await run(weighted, "gradient-shap", { samples: 6, noise: 0, baseline: set });
    expectNear(exact.raw, [-2, -6, -6, 1 / 3], 1e-5);
  });
});
