import { expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { drawMix, mixFeeds, mixImages, mixRows } from "../../src/train/mixup.ts";

const key = { seed: 3, epoch: 1, step: 2 };

test("a mix is a permutation with shares, and depends on nothing but its place", () => {
  const mix = drawMix(0.4, 12, key);
  expect([...mix.partners].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, at) => at));
  for (const share of mix.shares) expect(share >= 0 && share <= 1).toBe(true);
  expect(drawMix(0.4, 12, key)).toEqual(mix);
  expect(drawMix(0.4, 12, { ...key, step: 3 })).not.toEqual(mix);
});

test.each([
  // The variance of Beta(α, α) is 1 / (4 (2 α + 1)).
  [0.05, 0.2273],
  [0.2, 0.1786],
  [1, 1 / 12],
  [4, 1 / 36],
])("shares of α %f have the mean and the variance of the distribution", (alpha, variance) => {
  const source = random(1, "beta");
  const draws = Array.from({ length: 20_000 }, () => source.beta(alpha));
  const mean = draws.reduce((a, b) => a + b) / draws.length;
  // Four times what the mean of so many draws strays by.
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(variance / draws.length));
  expect(draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length).toBeCloseTo(variance, 2);
});

test("images and rows are mixed alike, by hand", async () => {
  const mix = { partners: [1, 2, 0], shares: [0.25, 1, 0.5] };
  const rows = float32([3, 2], [8, 0, 0, 4, 2, 2]);
  const expected = [2, 3, 0, 4, 5, 1];
  expect([...mixRows(rows, mix).data]).toEqual(expected);
  const g = new GraphBuilder();
  const mixed = mixImages(g, g.input("x", "float32", [3, 1, 1, 2]), 3);
  const program = await nodeEngine().compile(g.finish("mixup", { mixed }));
  const result = await program.run({ x: float32([3, 1, 1, 2], rows.data), ...mixFeeds(mix) });
  await program.dispose();
  expect([...(result.mixed!.data as Float32Array)]).toEqual(expected);
});
