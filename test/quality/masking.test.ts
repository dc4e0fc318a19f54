import { expect, test } from "vitest";
import { averageDrop } from "../../src/quality/metrics/average-drop.ts";
import { averageGain } from "../../src/quality/metrics/average-gain.ts";
import { averageIncrease } from "../../src/quality/metrics/average-increase.ts";
import { summing, trying } from "./toys.ts";

const picture = [0.4, 0.3, 0.2, 0.1];

test("a map that keeps 0.4 of a score of 1 drops 0.6, as in torch-cam's test", async () => {
  const trial = await trying(summing(2, 2), picture, [1, 0, 0, 0]);
  expect((await averageDrop.measure(trial, {})).value).toBeCloseTo(0.6, 6);
  expect((await averageIncrease.measure(trial, {})).value).toBe(0);
  expect((await averageGain.measure(trial, {})).value).toBe(0);
});

test("a map that leaves out what speaks against it gains", async () => {
  // 0.4 + 0.3 − 0.2 = 0.5 as it is, 0.7 without the third pixel: 0.2 of the 0.5 that were lacking.
  const trial = await trying(summing(2, 2, [1, 1, -1, 0]), picture, [5, 5, -5, -3]);
  expect((await averageDrop.measure(trial, {})).value).toBe(0);
  expect((await averageIncrease.measure(trial, {})).value).toBe(1);
  expect((await averageGain.measure(trial, {})).value).toBeCloseTo(0.4, 5);
});

test("a map with nothing above zero shows nothing", async () => {
  const trial = await trying(summing(2, 2), picture, [-1, -2, -3, -4]);
  expect((await averageDrop.measure(trial, {})).value).toBe(1);
});
