import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { explain } from "../../src/explain/explain.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { expectClose, fixture, fixtureNames, toy } from "./reference.ts";

const constant = (g: GraphBuilder, numbers: number[], shape = [numbers.length]): Value =>
  g.constant(float32(shape, numbers));

/** The sum over all places of what `layer` makes of a picture, and 5. */
const sumOf = (height: number, width: number, layer: (g: GraphBuilder, x: Value) => Value) =>
  toy([1, height, width], (g, x) => {
    const places = op.flatten(g, layer(g, x));
    const [, count] = places.shape as [unknown, number];
    const weights = constant(
      g,
      [...new Array<number>(count).fill(1), ...new Array<number>(count).fill(0)],
      [2, count],
    );
    return { logits: op.gemm(g, places, weights, constant(g, [5, 0]), { transB: true }), layers: {} };
  });

const request = { method: "full-grad", target: 0 };

describe("the score in its places", () => {
  test("a convolution's bias acts where its unit is open; a dense one has no place", async () => {
    const model = sumOf(2, 2, (g, x) =>
      op.relu(g, op.conv(g, x, constant(g, [2], [1, 1, 1, 1]), constant(g, [-1]))),
    );
    const { raw, checks } = await explain(model, float32([1, 2, 2], [1, 0, 2, 0.25]), request);
    expect([...raw.data].map((value) => value + 0)).toEqual([1, 0, 3, 0]);
    expect(checks).toEqual({ completeness: 0, withoutPlace: 5 });
  });

  test("a batch norm's own shift is a bias", async () => {
    const norm = { scale: [2], bias: [1], mean: [3], variance: [4] };
    const model = sumOf(1, 2, (g, x) => {
      const vectors = Object.entries(norm).map(([key, numbers]) => [key, constant(g, numbers)]);
      return op.batchNormalization(g, x, Object.fromEntries(vectors), 0);
    });
    // 2 (x − 3) / 2 + 1
    const { raw, checks } = await explain(model, float32([1, 1, 2], [7, 4]), request);
    expect([...raw.data]).toEqual([5, 2]);
    expect(checks).toEqual({ completeness: 0, withoutPlace: 5 });
  });

  test("so is what an activation has besides its slope", async () => {
    const model = sumOf(1, 3, op.sigmoid);
    const { raw } = await explain(model, float32([1, 1, 3], [0, 2, -1]), request);
    for (const [at, x] of [0, 2, -1].entries()) expect(raw.data[at]).toBeCloseTo(1 / (1 + Math.exp(-x)), 6);
  });

  test("what acts in a coarse place is spread among its pixels", async () => {
    const model = sumOf(4, 4, (g, x) =>
      op.conv(g, x, constant(g, new Array(4).fill(0), [1, 1, 2, 2]), constant(g, [8]), { strides: [2, 2] }),
    );
    const { raw, checks } = await explain(model, float32([1, 4, 4], new Array(16).fill(1)), request);
    expectClose(raw, float32([4, 4], new Array(16).fill(2)), { atol: 1e-6, rtol: 0 });
    expect(checks.withoutPlace).toBeCloseTo(5, 5);
  });

  test("the magnitudes of each channel count alike", async () => {
    const model = sumOf(1, 3, (g, x) =>
      op.conv(g, x, constant(g, [10, 1], [2, 1, 1, 1]), constant(g, [0, 0])),
    );
    const { raw, checks } = await explain(model, float32([1, 1, 3], [-1, 0, 0.5]), {
      ...request,
      options: { absolute: true },
    });
    // The picture's alone; biases of 0 give nothing.
    expectClose(raw, float32([1, 3], [1, 0, 0.5]), { atol: 1e-6, rtol: 0 });
    expect(checks).toEqual({});
  });
});

describe.each(fixtureNames)("%s", (name) => {
  test("picture and biases make the score", async () => {
    const { model, input, target } = await fixture(name);
    const { raw, checks, scores } = await explain(model, input, { method: "full-grad", target });
    const terms = raw.data.reduce((sum, value) => sum + Math.abs(value), 0);
    expect(Math.abs(checks.completeness!)).toBeLessThan(1e-5 * (terms + Math.abs(scores[target]!.logit)));
    expect(terms).toBeGreaterThan(0.1);
  });
});
