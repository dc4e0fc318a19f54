import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { cellSums, writeCells } from "../../src/explain/perturb/cells.ts";
import { drawCoalitions, sizeWeight } from "../../src/explain/perturb/coalitions.ts";
import { latinHypercube } from "../../src/explain/perturb/latin-hypercube.ts";
import { lasso, momentsOf, ridge, shareExplained } from "../../src/explain/perturb/regression.ts";
import { smoothMasks } from "../../src/explain/perturb/smooth-mask.ts";

describe("coalitions", () => {
  test("weigh by their size as in Xplique's test", () => {
    const weights = [0, 1, 2, 3, 4].map((size) => sizeWeight(size, 5));
    for (const [size, weight] of [0, 1, 2 / 3, 2 / 3, 1].entries())
      expect(weights[size]).toBeCloseTo(weight, 12);
  });

  test("are all there are, each once, where samples suffice", () => {
    const { coalitions, weights } = drawCoalitions(5, 30, random(1, "all"));
    expect(new Set(coalitions.map(String)).size).toBe(30);
    // 4 / (C(5, k) k (5 − k)), up to a factor.
    for (const [at, coalition] of coalitions.entries())
      expect(weights[at]).toBeCloseTo([0, 1 / 5, 1 / 15, 1 / 15, 1 / 5][sizeOf(coalition)]!, 12);
  });

  test("are never more than the samples, in pairs of complements, and weigh what all of their size do", () => {
    const { coalitions, weights } = drawCoalitions(12, 200, random(1, "some"));
    expect(coalitions).toHaveLength(200);
    expect(coalitions.filter((coalition) => sizeOf(coalition) === 1)).toHaveLength(12);
    for (let at = 0; at < 200; at += 2)
      expect(coalitions[at]!.map((shown, i) => shown + coalitions[at + 1]![i]!)).toEqual(
        new Uint8Array(12).fill(1),
      );
    const whole = Array.from({ length: 13 }, (_, size) => sizeWeight(size, 12)).reduce((a, b) => a + b);
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(whole, 9);
  });

  test("of one feature there are none between nothing and everything", () => {
    expect(drawCoalitions(1, 10, random(1, "one")).coalitions).toEqual([]);
  });
});

const sizeOf = (coalition: Uint8Array): number => coalition.reduce((a, b) => a + b, 0);

describe("a linear model", () => {
  const samples = {
    features: 3,
    rows: [
      [1, 1, 1],
      [1, 0, 1],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 0],
    ],
    values: [3, 2.5, 0.5, 1, 2],
    weights: [1, 0.5, 0.25, 0.5, 0.75],
  };
  const moments = momentsOf(samples, true);

  // The normal equations by numpy.
  test("under a ridge", () => {
    const expected = [0.58717949, 0.20512821, 0.34102564];
    for (const [at, value] of ridge(moments, 1).entries()) expect(value).toBeCloseTo(expected[at]!, 7);
  });

  // Coordinate descent by numpy.
  test("under a lasso", () => {
    const expected = [1.41428571, 0.09285714, 0.57142857];
    for (const [at, value] of lasso(moments, 0.05).entries()) expect(value).toBeCloseTo(expected[at]!, 7);
    expect([...lasso(moments, 10)]).toEqual([0, 0, 0]);
  });

  test("explains all of what it made, and nothing by itself", () => {
    expect(shareExplained(moments, new Float64Array(3))).toBe(0);
    const made = { ...samples, values: samples.rows.map(([a, b, c]) => 2 * a! - b! + 3 * c! + 7) };
    const own = momentsOf(made, true);
    const coefficients = ridge(own, 0);
    expect([...coefficients].map((value) => Math.round(1e9 * value) / 1e9)).toEqual([2, -1, 3]);
    expect(shareExplained(own, coefficients)).toBeCloseTo(1, 12);
    const constant = momentsOf({ ...samples, values: [4, 4, 4, 4, 4] }, true);
    expect(shareExplained(constant, new Float64Array(3))).toBe(1);
  });
});

test("a Latin hypercube has one point in each part of every axis, and its axes do not go together", () => {
  const axes = latinHypercube(16, 40, random(1, "points"));
  for (const axis of axes) {
    const parts = Array.from(axis, (value) => Math.floor(16 * value)).sort((a, b) => a - b);
    expect(parts).toEqual(Array.from({ length: 16 }, (_, at) => at));
  }
  expect(new Set(axes.map((axis) => Array.from(axis, (value) => Math.floor(16 * value)).join())).size).toBe(
    40,
  );
});

describe("cells", () => {
  const cells = { grid: 2, height: 3, width: 4 };

  test("of a mask", () => {
    const mask = new Float32Array(12);
    writeCells([1, 2, 3, 4], cells, mask);
    expect([...mask]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4]);
  });

  test("of all channels, summed", () => {
    const planes = Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? 1 : 10));
    expect([...cellSums(planes, cells)]).toEqual([44, 44, 22, 22]);
  });
});

describe("a smooth mask", () => {
  const make = smoothMasks(9);
  const source = random(1, "values");
  const values = Float64Array.from({ length: 81 }, () => source.next());

  test("is 1 where a value is, falls off from there, and nothing far away", () => {
    const { mask } = make(Float64Array.from({ length: 81 }, (_, cell) => Number(cell === 20)));
    expect(mask[20]).toBeCloseTo(1, 4);
    expect(mask[21]).toBeGreaterThan(mask[22]!);
    expect(mask[78]).toBeLessThan(1e-6);
  });

  test("has slopes that agree with differences", () => {
    const along = Float64Array.from(values, () => source.uniform(-1, 1));
    const weights = Float64Array.from(values, () => source.uniform(-1, 1));
    const value = (step: number): number => {
      const { mask } = make(values.map((one, at) => one + step * along[at]!));
      return mask.reduce((sum, one, at) => sum + weights[at]! * one, 0);
    };
    const slope = make(values)
      .back(weights)
      .reduce((sum, one, at) => sum + one * along[at]!, 0);
    expect(slope).toBeCloseTo((value(1e-6) - value(-1e-6)) / 2e-6, 6);
  });
});
