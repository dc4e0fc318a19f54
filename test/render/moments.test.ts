import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { hasEvidence, type Moment, sharedRange, spread } from "../../src/render/moments.ts";

const moments = (...maps: number[][]): Moment[] =>
  maps.map((values, epoch) => ({
    epoch,
    attribution: float32([1, values.length], values),
    probability: 0.5,
  }));
const epochsOf = (chosen: readonly Moment[]): number[] => chosen.map(({ epoch }) => epoch);

describe("moments that are shown", () => {
  const many = moments(...Array.from({ length: 51 }, () => [1]));

  test("are all up to ten, then the first, the last and others evenly between", () => {
    expect(epochsOf(spread(many.slice(0, 10)))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(epochsOf(spread(many))).toEqual([0, 6, 11, 17, 22, 28, 33, 39, 44, 50]);
    expect(spread([])).toEqual([]);
  });

  test("have the best among them, in the place of the nearest one between", () => {
    expect(epochsOf(spread(many, 30))).toEqual([0, 6, 11, 17, 22, 30, 33, 39, 44, 50]);
    expect(epochsOf(spread(many, 44))).toEqual([0, 6, 11, 17, 22, 28, 33, 39, 44, 50]);
    expect(epochsOf(spread(many, 1))).toEqual([0, 1, 11, 17, 22, 28, 33, 39, 44, 50]);
    expect(epochsOf(spread(many, 49))).toEqual([0, 6, 11, 17, 22, 28, 33, 39, 49, 50]);
    expect(epochsOf(spread(many, 99))).toEqual(epochsOf(spread(many)));
  });

  test("share one range, up to the most that any of them has", () => {
    expect(sharedRange(moments([0, 0.25], [2, -3], [1, 1]), false)).toEqual([0, 2]);
    expect(sharedRange(moments([0, 0.25], [2, -3], [1, 1]), true)).toEqual([-3, 3]);
    expect(sharedRange(moments([-1], [0]), false)).toEqual([0, 1]);
    expect([hasEvidence(moments([-1], [0])), hasEvidence(moments([-1], [0, 0.1]))]).toEqual([false, true]);
  });
});
