import { describe, expect, test } from "vitest";
import { complexity } from "../../src/quality/metrics/complexity.ts";
import { pointingGame } from "../../src/quality/metrics/pointing-game.ts";
import { relevanceMass } from "../../src/quality/metrics/relevance-mass.ts";
import { relevanceRank } from "../../src/quality/metrics/relevance-rank.ts";
import { sparseness } from "../../src/quality/metrics/sparseness.ts";
import { rankCorrelation } from "../../src/quality/rank-correlation.ts";
import { structuralSimilarity } from "../../src/quality/similarity.ts";
import { plane, summing, trying } from "./toys.ts";

const square = Array.from({ length: 64 }, (_, at) => (at % 8 < 4 && at < 32 ? 1 : 0));
const painted = (map: readonly number[], seed = 0) =>
  trying(summing(8, 8), new Array(64).fill(0), map, { mask: Uint8Array.from(square), seed });

describe("on a painted mask", () => {
  test.each([
    ["the mask itself", square, 1],
    ["all that is not", square.map((inside) => 1 - inside), 0],
  ])("%s", async (_, map, value) => {
    for (const metric of [pointingGame, relevanceMass, relevanceRank])
      expect((await metric.measure(await painted(map), {})).value).toBe(value);
  });

  test("a map that is the same everywhere has the mask's share", async () => {
    const map = new Array(64).fill(2);
    expect((await pointingGame.measure(await painted(map), {})).value).toBe(0.25);
    expect((await relevanceMass.measure(await painted(map), {})).value).toBe(0.25);
    const ranks = await Promise.all(
      Array.from(
        { length: 40 },
        async (_, seed) => (await relevanceRank.measure(await painted(map, seed), {})).value,
      ),
    );
    expect(ranks.reduce((sum, value) => sum + value) / 40).toBeCloseTo(0.25, 1);
  });

  test("what speaks against it does not count", async () => {
    const map = square.map((inside, at) => (inside ? 1 : at === 63 ? 16 : -5));
    expect((await relevanceMass.measure(await painted(map), {})).value).toBe(0.5);
    expect((await pointingGame.measure(await painted(map), {})).value).toBe(0);
    expect((await relevanceRank.measure(await painted(map), {})).value).toBe(15 / 16);
    expect((await relevanceMass.measure(await painted(new Array(64).fill(-1)), {})).value).toBe(0);
  });
});

test("concentration has Quantus's numbers", async () => {
  const [model, picture] = [summing(2, 2), [0, 0, 0, 0]];
  const both = async (map: number[]) => {
    const trial = await trying(model, picture, map);
    return [(await sparseness.measure(trial, {})).value, (await complexity.measure(trial, {})).value];
  };
  expect(await both([3, -1, 4, -2])).toEqual([expect.closeTo(0.25, 6), expect.closeTo(1.279854, 6)]);
  expect(await both([0, 7, 0, 0])).toEqual([0.75, expect.closeTo(0, 6)]);
  expect(await both([1, 1, 1, 1])).toEqual([0, expect.closeTo(Math.log(4), 6)]);
  expect(await both([0, 0, 0, 0])).toEqual([0, Math.log(4)]);
});

test("rank correlation is Spearman's, ties and all", () => {
  const of = (a: number[], b: number[]) => rankCorrelation(Float32Array.from(a), Float32Array.from(b));
  expect(of([-1, 1, 1], [0, 0, 2])).toBeCloseTo(0.5, 12);
  expect(of([0, 1, 0, 1], [1, 2, 1, 0])).toBeCloseTo(0, 12);
  expect(of([1, 2, 3, 100], [-8, -4, 0, 1])).toBe(1);
  expect(of([1, 2, 3], [3, 2, 1])).toBe(-1);
  expect(of([5, 5, 5], [1, 2, 3])).toBe(0);
  expect(of([5, 5, 5], [0, 0, 0])).toBe(1);
});

test("structural similarity: 1 for the same map in any unit, against the formula where all is one window", () => {
  const map = plane(
    6,
    6,
    Array.from({ length: 36 }, (_, at) => Math.sin(at)),
  );
  const scaled = plane(
    6,
    6,
    map.data.map((value) => 7 * value),
  );
  expect(structuralSimilarity(map, scaled)).toBeCloseTo(1, 6);
  expect(
    structuralSimilarity(
      map,
      plane(
        6,
        6,
        map.data.map((value) => -value),
      ),
    ),
  ).toBeLessThan(-0.5);
  // One pixel has no variance: 1 and 0 once brought to brightness.
  expect(structuralSimilarity(plane(1, 1, [3]), plane(1, 1, [-5]))).toBeCloseTo(1e-4 / (1 + 1e-4), 6);
  // Two pixels weigh 1 : e^(−1/4.5) in each other's window.
  const near = 1 / (1 + Math.exp(-1 / 4.5));
  const [p, q] = [near, 1 - near];
  const [mean, variance] = [p, p * q];
  const at = (m: number, n: number) =>
    ((2 * m * n + 1e-4) * (-2 * variance + 9e-4)) / ((m * m + n * n + 1e-4) * (2 * variance + 9e-4));
  const expected = (at(mean, 1 - mean) + at(1 - mean, mean)) / 2;
  expect(structuralSimilarity(plane(1, 2, [1, 0]), plane(1, 2, [0, 1]))).toBeCloseTo(expected, 5);
});
