import { expect, test } from "vitest";
import { gaussianBlur } from "../../src/base/gaussian-blur.ts";
import { float32 } from "../../src/base/tensor.ts";

test("a line, as scipy blurs it", () => {
  const line = float32([1, 1, 5], [0, 0, 0, 0, 1]);
  // scipy.ndimage.gaussian_filter1d([0, 0, 0, 0, 1], 0.8)
  const expected = [0, 0.00044074, 0.02235106, 0.25022103, 0.72698717];
  for (const [at, value] of gaussianBlur(line, 0.8).data.entries())
    expect(value).toBeCloseTo(expected[at]!, 6);
});

test("a constant stays, however small the map", () => {
  for (const value of gaussianBlur(float32([2, 3], [7, 7, 7, 7, 7, 7]), 5).data)
    expect(value).toBeCloseTo(7, 5);
});

test("both directions alike, planes apart", () => {
  const map = float32([2, 3, 3], [0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
  const { data } = gaussianBlur(map, 1);
  expect(data[1]).toBeCloseTo(data[3]!, 7);
  expect(data[0]! / data[1]!).toBeCloseTo(data[1]! / data[4]!, 6);
  expect([...data.slice(9)].every((value) => Math.abs(value - 2) < 1e-6)).toBe(true);
});

test("no deviation, no change", () => {
  const map = float32([1, 2], [3, 4]);
  expect(gaussianBlur(map, 0)).toBe(map);
});
