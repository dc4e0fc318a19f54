import { expect, test } from "vitest";
import { blurMap, gaussianKernel } from "../../src/base/blur.ts";
import { float32 } from "../../src/base/tensor.ts";

test("the kernel is a Gaussian whose sum over both sides is 1", () => {
  const kernel = gaussianKernel(1.5);
  expect(kernel.length).toBe(7);
  expect(kernel[3]! / kernel[0]!).toBeCloseTo(Math.exp(-2), 12);
  expect(kernel.reduce((sum, weight, at) => sum + (at === 0 ? weight : 2 * weight), 0)).toBeCloseTo(1, 12);
  expect([...gaussianKernel(0)]).toEqual([1]);
});

test("maps of several planes, not square, are blurred one by one as a plain double sum over neighbours", () => {
  const [height, width, sigma] = [4, 3, 0.7];
  const map = float32([2, 1, height, width], [3, 0, 0, 1, 0, 2, 0, 0, 0, 5, 0, 1, ...new Array(12).fill(4)]);
  const blurred = blurMap(map, sigma);
  expect(blurred.shape).toEqual(map.shape);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let [sum, total] = [0, 0];
      for (let v = 0; v < height; v++)
        for (let u = 0; u < width; u++) {
          // The cut behind four deviations leaves all of this map in, but for the farthest row.
          if (Math.abs(v - y) > 3) continue;
          const weight = Math.exp(-((v - y) ** 2 + (u - x) ** 2) / (2 * sigma ** 2));
          sum += weight * map.data[v * width + u]!;
          total += weight;
        }
      expect(blurred.data[y * width + x]).toBeCloseTo(sum / total, 5);
      expect(blurred.data[12 + y * width + x]).toBeCloseTo(4, 6);
    }
});
