import { describe, expect, it } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { cutOff } from "../../src/render/cut-off.ts";
import { heatRange } from "../../src/render/range.ts";

const map = (...values: number[]) => float32([1, values.length], values);

describe("heatRange", () => {
  it("goes from 0 to the maximum, or is symmetric about 0", () => {
    expect(heatRange(map(-3, 1, 2), false)).toEqual([0, 2]);
    expect(heatRange(map(-3, 1, 2), true)).toEqual([-3, 3]);
  });

  it("has a range of its own for maps without anything to show", () => {
    expect(heatRange(map(0, 0), true)).toEqual([-1, 1]);
    expect(heatRange(map(-1, -5), false)).toEqual([0, 1]);
  });

  it("keeps a constant map half-way to the last colour, but for rounding", () => {
    expect(heatRange(map(0.5, 0.5), false)).toEqual([0, 1]);
    expect(heatRange(map(-2, -2, -2 - 1e-6), true)[1]).toBeCloseTo(4, 5);
    expect(heatRange(map(0.5, 0.51), false)[1]).toBeCloseTo(0.51, 6);
  });

  it("keeps what little speaks for the target in a negative map faint", () => {
    expect(heatRange(map(-5, 1e-9), false)[1]).toBeCloseTo(0.05, 8);
    expect(heatRange(map(-5, 0.5), false)).toEqual([0, 0.5]);
  });

  it("ends where the larger magnitudes hold the clipped percentage, as Captum's threshold", () => {
    // Of 1 + 2 + … + 10 = 55, ten hold 18%, nine and ten 35%.
    const ramp = map(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect([0, 18, 19, 34, 35].map((clip) => heatRange(ramp, false, clip)[1])).toEqual([10, 10, 9, 9, 8]);
    expect(heatRange(map(-10, 1, 1), true, 90)).toEqual([-1, 1]);
    // One place that holds nearly all of it is not cut off.
    expect(heatRange(map(0, 0, 0, 1), false, 2)).toEqual([0, 1]);
  });
});

describe("cutOff", () => {
  it("says where the range ends, and what lies beyond", () => {
    const ramp = map(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(cutOff(ramp, false, 0)).toEqual([]);
    expect(cutOff(ramp, false, 20)).toEqual([
      "clipped at 9.00; what lies beyond, up to 10.0, holds no more than 20% of the map",
    ]);
  });
});
