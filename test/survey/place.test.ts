import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import {
  atBorder,
  peaksByChance,
  placeOf,
  regionOf,
  regions,
  uniformBorder,
  uniformCentre,
} from "../../src/survey/place.ts";

const map = (shape: [number, number], values: Readonly<Record<number, number>>) =>
  float32(
    shape,
    Float32Array.from({ length: shape[0] * shape[1] }, (_, at) => values[at] ?? 0),
  );

const flat = (height: number, width: number) =>
  float32([height, width], new Float32Array(height * width).fill(3));

describe("where the evidence lies", () => {
  test("one cell of a 10×10 map: all at the border, or none", () => {
    expect(placeOf(map([10, 10], { 99: 2 }))).toEqual({
      ...{ border: 1, centre: 0, massX: 0.95, massY: 0.95, spread: expect.closeTo(0, 6) },
      // The last cell goes on to the edge: it is as strong from its middle on.
      ...{ peakX: 0.975, peakY: 0.975 },
    });
    expect(placeOf(map([10, 10], { 44: 2 }))).toMatchObject({
      border: expect.closeTo(0, 12),
      centre: expect.closeTo(1, 12),
      peakX: 0.45,
      peakY: 0.45,
    });
  });

  test("a cell counts by its part in the border: of a corner of a 2×2 map 1 − 0.8² lies there", () => {
    const place = placeOf(map([2, 2], { 0: 1 }))!;
    expect(place.border).toBeCloseTo(0.36, 12);
    expect(place.centre).toBeCloseTo(0.25, 12);
    expect(place).toMatchObject({ massX: 0.25, massY: 0.25, peakX: 0.125, peakY: 0.125 });
  });

  test("two cells: the centre of mass between them, spread by their distance, the peak at the stronger", () => {
    const place = placeOf(map([1, 10], { 1: 1, 8: 3, 5: -9 }))!;
    expect(place.massX).toBeCloseTo((0.15 + 3 * 0.85) / 4, 12);
    expect(place.spread).toBeCloseTo(0.7 * Math.sqrt(3 / 16), 12);
    expect([place.peakX, place.peakY]).toEqual([expect.closeTo(0.85, 12), 0.5]);
  });

  test.each([
    [7, 7],
    [16, 12],
    [224, 224],
  ])(
    "a map %i×%i that is the same everywhere has the border's and the centre's area, and its peak in the middle",
    (height, width) => {
      const place = placeOf(flat(height, width))!;
      expect(place.border).toBeCloseTo(uniformBorder, 9);
      expect(place.centre).toBeCloseTo(uniformCentre, 9);
      expect([place.peakX, place.peakY]).toEqual([expect.closeTo(0.5, 9), expect.closeTo(0.5, 9)]);
      expect(regions[regionOf(place)]).toBe("the middle");
    },
  );

  test("nothing above zero lies nowhere", () => {
    expect(placeOf(map([4, 4], { 3: -1 }))).toBeUndefined();
  });

  test("chance counts cells: of 7×7 the outermost 24 are drawn at the border, 4 in each corner", () => {
    const chance = peaksByChance([7, 7]);
    expect(chance.border).toBeCloseTo(24 / 49, 12);
    expect(chance.regions.map((share) => Math.round(49 * share))).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
    expect(atBorder({ peakX: 0.5, peakY: 0.95 })).toBe(true);
    expect(atBorder({ peakX: 0.85, peakY: 0.5 })).toBe(false);
  });
});
