import { expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { overViews } from "../../src/explain/augment.ts";
import { explain, explainBatch } from "../../src/explain/explain.ts";
import { fused } from "../../src/explain/fusion.ts";
import { multiLayer } from "./reference.ts";
import { picture, smallNetwork } from "./small-network.ts";

test.each([
  ["mean", [0.5, 0.25, 0.625, 0.5]],
  ["product", [0, 0, 0.25, 0]],
] as const)("maps of several layers become one by their %s", (how, expected) => {
  const maps = [float32([2, 2], [-3, 4, 2, 8]), float32([1, 2], [2, 0])];
  // The first is 0, ½, ¼, 1 of its largest, the second 1 above 0 in each row.
  expect(fused(maps, 2, 2, how).shape).toEqual([2, 2]);
  expect([...fused(maps, 2, 2, how).data]).toEqual(expected);
});

test("a map with nothing above zero adds nothing", () => {
  expect([...fused([float32([1, 1], [-1]), float32([1, 1], [2])], 1, 1, "mean").data]).toEqual([0.5]);
});

test("a map over views is the mean over mirror images and brightness", async () => {
  const explained = async (input: typeof picture) => {
    const [found] = await explainBatch(smallNetwork, input, {
      method: "hires-cam",
      target: 1,
      layer: "maps",
    });
    return float32([1, ...found!.raw.shape], found!.raw.data);
  };
  const view = (share: number, mirror: boolean) =>
    float32(
      picture.shape,
      picture.data.map((_, at) => share * picture.data[mirror ? at - (at % 6) + 5 - (at % 6) : at]!),
    );
  const smooth = await overViews(picture, explained);
  expect(smooth.shape).toEqual([1, 2, 3]);
  const sums = new Array<number>(6).fill(0);
  for (const share of [0.9, 1, 1.1]) {
    const plain = await explained(view(share, false));
    const mirror = await explained(view(share, true));
    for (const at of sums.keys()) sums[at]! += plain.data[at]! + mirror.data[[2, 1, 0, 5, 4, 3][at]!]!;
  }
  for (const [at, sum] of sums.entries()) expect(smooth.data[at]).toBeCloseTo(sum / 6, 6);
  expect(Math.max(...sums.map(Math.abs))).toBeGreaterThan(0.01);
});

test("views want maps", async () => {
  const dense = multiLayer();
  await expect(
    explain(dense, float32([3, 1, 1], [1, 2, 3]), {
      method: "layer-activation",
      layer: "linear1",
      target: 0,
      augment: true,
    }),
  ).rejects.toThrow(
    'layer-activation gives no maps at the layer "linear1" that views of a picture could share; leave the views out, or choose a layer with maps.',
  );
});
