import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { explain } from "../../src/explain/explain.ts";
import { rankedRegions } from "../../src/explain/regions.ts";
import { dilatedSegments } from "../../src/explain/segments/dilated.ts";
import * as op from "../../src/graph/operators/index.ts";
import { toy } from "./reference.ts";

test("segments grow by a disk", () => {
  const [width, height, radius] = [7, 5, 2];
  const source = random(3, "labels");
  const labels = Int32Array.from({ length: width * height }, (_, at) => (at < 3 ? at : source.below(3)));
  const near = (a: number, b: number): boolean =>
    ((a % width) - (b % width)) ** 2 + (Math.floor(a / width) - Math.floor(b / width)) ** 2 <= radius ** 2;
  const segments = dilatedSegments(labels, width, radius);
  expect(segments.length).toBe(3);
  for (const [label, pixels] of segments.entries()) {
    const expected = [...labels.keys()].filter((at) =>
      labels.some((other, from) => other === label && near(at, from)),
    );
    expect([...pixels].sort((a, b) => a - b)).toEqual(expected);
  }
  expect(dilatedSegments(labels, width, 0).map((pixels) => pixels.length)).toEqual(
    [0, 1, 2].map((label) => labels.filter((other) => other === label).length),
  );
});

describe("regions by their density", () => {
  test("the densest first, each without what is covered, the rest together", () => {
    const attribution = Float32Array.from([4, 2, 0, 6, -1, 1]);
    const regions = [[0, 1, 2], [2, 3], [0, 3], [4]].map((pixels) => Uint32Array.from(pixels));
    // [0, 3] has 5; then of [0, 1, 2] are left 1 and 2, of [2, 3] 2 alone and of [4] 4 alone.
    expect([...rankedRegions(attribution, regions, 1)]).toEqual([5, 1, 1, 5, -1, 1]);
    expect([...rankedRegions(attribution, regions, 2)]).toEqual([5, 1, 1, 5, 0, 0]);
  });

  test("as the plain search for the best has it", () => {
    const source = random(5, "regions");
    const attribution = Float32Array.from({ length: 60 }, () => source.normal());
    const regions = Array.from({ length: 25 }, () =>
      Uint32Array.from(attribution.keys()).filter(() => source.next() < 0.15),
    );
    const expected = new Array<number>(60).fill(Number.NaN);
    const mean = (pixels: number[]): number =>
      pixels.reduce((sum, at) => sum + attribution[at]!, 0) / pixels.length;
    for (;;) {
      const open = regions.map((pixels) => [...pixels].filter((at) => Number.isNaN(expected[at])));
      const best = open.filter((pixels) => pixels.length >= 2).sort((a, b) => mean(b) - mean(a))[0];
      if (!best) break;
      const value = mean(best);
      for (const at of best) expected[at] = value;
    }
    const rest = [...expected.keys()].filter((at) => Number.isNaN(expected[at]));
    for (const at of rest) expected[at] = mean(rest);
    const map = rankedRegions(attribution, regions, 2);
    for (const [at, value] of expected.entries()) expect(map[at]).toBeCloseTo(value, 5);
  });
});

test("XRAI lights the half that counts, and adds up to the largest of each pixel's channels", async () => {
  const side = 32;
  const model = toy([3, side, side], (g, x) => {
    const left = op.reduceSum(g, op.flatten(g, op.slice(g, x, [3], [0], [side / 2])), [1], true);
    return { logits: op.concat(g, [left, op.neg(g, left)], 1), layers: {} };
  });
  const picture = float32(
    [3, side, side],
    Float32Array.from(
      { length: 3 * side * side },
      (_, at) => (at % side < side / 2 ? 0.9 : 0.1) + 0.01 * (at % 7),
    ),
  );
  const { raw } = await explain(model, picture, { method: "xrai", target: 0, options: { steps: 2 } });
  expect(raw.shape).toEqual([side, side]);
  const row = raw.data.subarray(16 * side, 17 * side);
  expect(Math.min(...row.subarray(0, 12))).toBeGreaterThan(10 * Math.max(...row.subarray(20)));
  // Against a baseline of each channel's least and one of its greatest number.
  const channels = [0, 1, 2].map((channel) =>
    picture.data.subarray(channel * side ** 2, (channel + 1) * side ** 2),
  );
  const middles = channels.map((channel) => (Math.min(...channel) + Math.max(...channel)) / 2);
  const expected = [...channels[0]!.keys()]
    .filter((at) => at % side < side / 2)
    .reduce((sum, at) => sum + Math.max(...channels.map((channel, c) => channel[at]! - middles[c]!)), 0);
  expect(raw.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(expected, 2);
});
