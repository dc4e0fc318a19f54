import { describe, expect, test } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { explain } from "../../src/explain/explain.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { Model } from "../../src/model/model.ts";
import { fixture, fixtureNames, toy } from "./reference.ts";

const constant = (g: GraphBuilder, numbers: number[], shape = [numbers.length]): Value =>
  g.constant(float32(shape, numbers));

/** A score of a row of pixels, and a second class that is nothing. */
const scoreOf = (pixels: number, score: (g: GraphBuilder, x: Value) => Value): Model =>
  toy([1, 1, pixels], (g, x) => {
    const logit = score(g, x);
    return { logits: op.concat(g, [logit, op.mul(g, logit, constant(g, [0]))], 1), layers: {} };
  });

const rowOf = (numbers: number[]): Tensor<"float32"> => float32([1, 1, numbers.length], numbers);

describe("Captum's cases", () => {
  // 2 relu(x₁) + 2 relu(x₂ − 1.5)
  const rectified = scoreOf(2, (g, x) => {
    const shifted = op.sub(g, op.flatten(g, x), constant(g, [0, 1.5]));
    return op.gemm(g, op.relu(g, shifted), constant(g, [2, 2], [2, 1]));
  });
  const pooled = scoreOf(4, (g, x) => op.flatten(g, op.maxPool(g, x, [1, 4])));

  test("a unit that opens on the way has a part of its slope", async () => {
    const { raw, checks, passes } = await explain(rectified, rowOf([1, 2]), {
      method: "deep-lift",
      target: 0,
    });
    expect([...raw.data]).toEqual([2, 1]);
    expect(checks).toEqual({ completeness: 0 });
    // One of them says what the network makes of the picture.
    expect(passes).toEqual({ forward: 3, backward: 1 });
  });

  test.each([
    [
      [1, 2, 3, 9],
      [0, 0, 0, -8],
    ],
    [
      [4, 8, 6, 7],
      [0, -7, 0, 0],
    ],
  ])("a pool that held %j before", async (baseline, expected) => {
    const options = { baseline: rowOf(baseline) };
    const { raw } = await explain(pooled, rowOf([1, 1, 1, 1]), { method: "deep-lift", target: 0, options });
    expect([...raw.data].map((value) => value + 0)).toEqual(expected);
  });

  test("the mean over baselines", async () => {
    const options = { baseline: float32([2, 1, 1, 4], [1, 2, 3, 9, 4, 8, 6, 7]) };
    const request = { method: "deep-lift-shap", target: 0, options };
    const { raw, checks } = await explain(pooled, rowOf([1, 1, 1, 1]), request);
    expect([...raw.data].map((value) => value + 0)).toEqual([0, -3.5, 0, -4]);
    expect(checks).toEqual({ completeness: 0 });
  });
});

describe("where things meet", () => {
  const rowed = async (model: Model, x: number[], baseline: number[]): Promise<number[]> => {
    const request = { method: "deep-lift", target: 0, options: { baseline: rowOf(baseline) } };
    return [...(await explain(model, rowOf(x), request)).raw.data].map((value) => value + 0);
  };

  test("windows that overlap each keep their change", async () => {
    const model = scoreOf(3, (g, x) =>
      op.reduceSum(g, op.flatten(g, op.maxPool(g, x, [1, 2], { strides: [1, 1] })), [1], true),
    );
    // Both windows held the 4 in the middle; the first is now 3, and the second 1.
    expect(await rowed(model, [3, 1, 0], [0, 4, 0])).toEqual([0, -4, 0]);
    // Both windows rise to the 4 in the middle, from 1 and from 2.
    expect(await rowed(model, [0, 4, 0], [1, 0, 2])).toEqual([0, 5, 0]);
  });

  test("of places that held the maximum before it is the one that holds it now", async () => {
    const model = scoreOf(3, (g, x) => op.flatten(g, op.maxPool(g, x, [1, 3])));
    expect(await rowed(model, [1, 3, 2], [4, 4, 4])).toEqual([0, -1, 0]);
  });

  test("a product is shared by both factors", async () => {
    const model = scoreOf(2, (g, x) => {
      const [a, b] = op.split(g, op.flatten(g, x), [1, 1], 1) as [Value, Value];
      return op.mul(g, a, b);
    });
    expect(await rowed(model, [3, 5], [1, 2])).toEqual([7, 6]);
  });

  test("a quotient too", async () => {
    const model = scoreOf(2, (g, x) => {
      const [a, b] = op.split(g, op.flatten(g, x), [1, 1], 1) as [Value, Value];
      return op.div(g, a, b);
    });
    // ½ (1/4 + 1/2) · 4 and −½ (6 + 2) / 8 · 2
    expect(await rowed(model, [6, 4], [2, 2])).toEqual([1.5, -1]);
  });

  test("softmax hands on what moves it against the others", async () => {
    const model = scoreOf(2, (g, x) => op.slice(g, op.softmax(g, op.flatten(g, x)), [1], [0], [1]));
    const [first, second] = (await rowed(model, [Math.log(3), 0], [0, 0])) as [number, number];
    // 3/4 − 1/2 in all; what is added to both does nothing.
    expect(first + second).toBeCloseTo(0.25, 6);
    const [a, b] = (await rowed(model, [Math.log(3) + 2, 2], [0, 0])) as [number, number];
    expect(a + b).toBeCloseTo(0.25, 6);
    // From one side to the other, so far that both are 0 and 1 in float32.
    expect(await rowed(model, [200, 0], [0, 200])).toEqual([0.5, 0.5]);
  });
});

describe("bad input", () => {
  test("an operator without a rule is named", async () => {
    const model = scoreOf(2, (g, x) => op.reduceProd(g, op.flatten(g, x), [1], true));
    await expect(explain(model, rowOf([1, 2]), { method: "deep-lift", target: 0 })).rejects.toThrow(
      'There is no rule for differences of the operator ReduceProd (node "ReduceProd"); methods that go by gradients still work.',
    );
  });

  test("DeepLIFT has one baseline", async () => {
    const model = scoreOf(2, (g, x) => op.reduceSum(g, op.flatten(g, x), [1], true));
    const options = { baseline: float32([2, 1, 1, 2], [0, 1, 2, 3]) };
    await expect(explain(model, rowOf([1, 2]), { method: "deep-lift", target: 0, options })).rejects.toThrow(
      "this method takes one",
    );
  });
});

describe.each(fixtureNames)("%s", (name) => {
  test.each(["zero", "another picture"])(
    "against %s attributions are the difference of the scores",
    async (which) => {
      const { model, input, target, tensor } = await fixture(name);
      const options = { baseline: which === "zero" ? ("zero" as const) : tensor("baseline") };
      const { raw, checks } = await explain(model, input, { method: "deep-lift", target, options });
      const terms = raw.data.reduce((sum, value) => sum + Math.abs(value), 0);
      expect(Math.abs(checks!.completeness!)).toBeLessThan(1e-5 * terms);
      expect(terms).toBeGreaterThan(0.1);
    },
  );
});
