import { expect, test } from "vitest";
import { noAugmentation } from "../../src/data/augment.ts";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { findRate } from "../../src/train/find-rate.ts";
import { adam } from "../../src/train/optimizers/adam.ts";
import { rmsprop } from "../../src/train/optimizers/rmsprop.ts";

const dataset = syntheticDataset({ seed: 1, train: 50, validation: 4, test: 0 });
const options = {
  network: smallConvnet({ classes: dataset.classes, size: 32, filters: [8, 8], units: 8, seed: 1 }),
  ...{ dataset, engine: nodeEngine(), optimizer: rmsprop() },
  ...{ batch: 10, augmentation: noAugmentation, seed: 4 },
};

test("rates rise evenly in their logarithm, across epochs, until the loss runs away; a tenth of the best is suggested", async () => {
  const { trials, highest, suggested } = await findRate(options, { from: 1e-6, to: 100, steps: 81 });
  for (const [at, { rate }] of trials.entries()) expect(Math.log10(rate)).toBeCloseTo(-6 + at / 10, 9);
  // 5 steps make an epoch.
  expect(trials.length).toBeGreaterThan(20);
  expect(trials.length).toBeLessThan(81);
  // The mean is over all losses so far, each a tenth lighter than the next.
  const weights = trials.map((_, at) => 0.9 ** (trials.length - 1 - at));
  const sum = weights.reduce((a, b) => a + b);
  const mean = trials.reduce((total, { loss }, at) => total + (weights[at]! * loss) / sum, 0);
  expect(trials.at(-1)!.smoothed / mean).toBeCloseTo(1, 9);
  const smoothed = trials.map((trial) => trial.smoothed);
  const last = trials.findIndex(({ rate }) => rate === highest);
  // The first ten are chance.
  const lowest = Math.min(...smoothed.slice(10));
  for (const later of smoothed.slice(smoothed.indexOf(lowest, 10), last + 1))
    expect(later / lowest).toBeLessThanOrEqual(1.1);
  expect(smoothed[last + 1]! / lowest).toBeGreaterThan(1.1);
  expect(suggested).toBe(highest / 10);
  expect(highest).toBeGreaterThan(1e-4);
  expect(highest).toBeLessThan(1);
});

test("a loss that chance makes low in the first steps is not what later ones are held against", async () => {
  const { classes } = dataset;
  const noisy = smallConvnet({ classes, size: 32, filters: [8, 8], units: 8, dropout: 0.9, seed: 1 });
  const choices = { network: noisy, optimizer: adam(), batch: 1 };
  const { trials, highest } = await findRate({ ...options, ...choices }, { from: 1e-6, to: 100, steps: 81 });
  expect(trials[1]!.smoothed / trials[0]!.smoothed).toBeGreaterThan(1.1);
  expect(highest).toBeGreaterThan(1e-4);
});

test("where the loss rises at once it says so", async () => {
  await expect(findRate(options, { from: 1e3, to: 1e6, steps: 10 })).rejects.toThrow(
    /^The loss rises at once, at the rate 1000; begin lower, or look at the pictures and their labels\.$/,
  );
});
