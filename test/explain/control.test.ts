import { expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { explain, explainBatch } from "../../src/explain/explain.ts";
import { randomized } from "../../src/explain/randomized.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { engine, oneConv } from "./reference.ts";

const network = smallConvnet({ classes: ["cat", "dog"], size: 40, filters: [8, 8], units: 8, seed: 2 });
const model: Model = { ...network, source: "memory", engine };
const source = random(1, "pictures");
const pictures = float32(
  [2, 3, 40, 40],
  Float32Array.from({ length: 2 * 3 * 1600 }, () => source.next()),
);

test("random: uniform, another map for another picture or seed, the same for the same", async () => {
  const draw = (seed: number) =>
    explainBatch(model, pictures, { method: "random", options: { grid: 20 }, seed });
  const [first, second] = (await draw(0)).map(({ raw }) => raw);
  expect(first!.shape).toEqual([20, 20]);
  expect(first!.data.reduce((sum, value) => sum + value) / 400).toBeCloseTo(0.5, 1);
  expect(first!.data.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(second!.data).not.toEqual(first!.data);
  expect((await draw(0))[1]!.raw).toEqual(second);
  expect((await draw(1))[0]!.raw.data).not.toEqual(first!.data);
  const alone = await explain(model, float32([3, 40, 40], pictures.data.slice(4800)), {
    method: "random",
    options: { grid: 20 },
  });
  expect(alone.raw).toEqual(second);
});

test("edges: Sobel's magnitude, the rim going on beyond it", async () => {
  // A step of 2 between the second and third column, of 1 between the last two rows.
  const rows = [
    [0, 0, 2, 2],
    [0, 0, 2, 2],
    [0, 0, 2, 2],
    [1, 1, 3, 3],
  ];
  const { raw } = await explain(oneConv(), float32([1, 4, 4], rows.flat()), { method: "edges", target: 0 });
  const corner = Math.fround(Math.sqrt(8 ** 2 + 4 ** 2));
  expect([...raw.data]).toEqual([
    ...[0, 8, 8, 0],
    ...[0, 8, 8, 0],
    ...[4, corner, corner, 4],
    ...[4, corner, corner, 4],
  ]);
});

test("shuffled-weights: Grad-CAM of another network, the target as the own one favours it", async () => {
  const [own] = await explainBatch(model, pictures, { method: "grad-cam" });
  const [shuffled] = await explainBatch(model, pictures, { method: "shuffled-weights" });
  expect(shuffled!.target).toEqual(own!.target);
  expect(shuffled!.raw.shape).toEqual(own!.raw.shape);
  expect(shuffled!.raw.data).not.toEqual(own!.raw.data);
  const seed = random(0, "shuffled-weights", "weights").below(2 ** 32);
  const other = randomized(model, model.layers, seed);
  const [expected] = await explainBatch(other, pictures, { target: own!.target.index! });
  expect(shuffled!.raw).toEqual(expected!.raw);
  expect(shuffled!.passes.backward).toBe(1);
});
