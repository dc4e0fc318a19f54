import { expect, test } from "vitest";
import { noAugmentation } from "../../src/data/augment.ts";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { fit } from "../../src/train/fit.ts";
import { sgd } from "../../src/train/optimizers/sgd.ts";
import { type Schedule, schedules } from "../../src/train/schedules/index.ts";
import { warmUp } from "../../src/train/warm-up.ts";

test("constant", () => {
  for (const part of [0, 0.5, 1]) expect(schedules.constant.rate(0.3, part, [])).toBe(0.3);
});

test("step: a tenth after half of the steps and after three quarters", () => {
  const rates = [0, 0.49, 0.5, 0.74, 0.75, 1].map((part) => schedules.step.rate(1, part, []));
  expect(rates).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01]);
});

test("cosine: down to nothing", () => {
  for (const [part, rate] of [
    [0, 0.4],
    [1 / 3, 0.3],
    [0.5, 0.2],
    [2 / 3, 0.1],
    [1, 0],
  ] as const)
    expect(schedules.cosine.rate(0.4, part, [])).toBeCloseTo(rate, 12);
});

test("plateau: a tenth after five epochs without a lower loss, whatever is 1e-4 lower counting", () => {
  const after = (...losses: number[]): number => schedules.plateau.rate(1, 0.5, losses);
  expect(after()).toBe(1);
  expect(after(0.5, 0.6, 0.6, 0.6, 0.6)).toBe(1);
  expect(after(0.5, 0.6, 0.6, 0.6, 0.6, 0.49995)).toBeCloseTo(0.1, 12);
  expect(after(0.5, 0.6, 0.6, 0.6, 0.6, 0.4, 0.6, 0.6)).toBe(1);
  expect(after(0.5, ...Array.from({ length: 10 }, () => 0.6))).toBeCloseTo(0.01, 12);
});

test("warm-up: evenly to where the schedule begins, which then runs its course in what is left", () => {
  const { rate } = warmUp(schedules["one-cycle"], 0.2);
  const rates = [
    [0, 0],
    [0.1, 0.15],
    [0.2, 0.3],
    [0.44, 1.5],
    [1, 0],
  ] as const;
  for (const [part, expected] of rates) expect(rate(0.3, part, [])).toBeCloseTo(expected, 12);
});

test("one cycle: from the rate to five times it, and down to nothing", () => {
  // Halfway up 0.3 + 1.2 / 2, halfway down 1.5 / 2.
  const rates = [
    [0, 0.3],
    [0.15, 0.9],
    [0.3, 1.5],
    [0.65, 0.75],
    [1, 0],
  ] as const;
  for (const [part, rate] of rates) expect(schedules["one-cycle"].rate(0.3, part, [])).toBeCloseTo(rate, 12);
});

test("each step is made at its own rate, and an epoch's row says its last", async () => {
  const dataset = syntheticDataset({ seed: 1, train: 9, validation: 2, test: 0 });
  const network = smallConvnet({ classes: dataset.classes, size: 32, filters: [4], units: 4, seed: 1 });
  const asked: [number, number][] = [];
  // Nothing moves but in the step that is 40% of the way: the third of the first epoch.
  const schedule: Schedule = {
    name: "one step",
    summary: "only in one step",
    rate(base, part) {
      asked.push([base, part]);
      return part === 0.4 ? base : 0;
    },
  };
  const weights: (readonly number[])[] = [];
  const { state } = await fit({
    ...{ network, dataset, engine: nodeEngine(), optimizer: sgd(), learningRate: 0.1, schedule },
    ...{ epochs: 2, batch: 2, augmentation: noAugmentation, seed: 1 },
    onEpoch: (_, { tensors }) => {
      weights.push([...tensors.get("dense/kernel")!.data]);
    },
  });
  const parts = new Set(asked.map(([, part]) => part));
  expect([...parts]).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
  expect(asked.every(([base]) => base === 0.1)).toBe(true);
  expect(state.history.map(({ learningRate }) => learningRate)).toEqual([0.1, 0]);
  expect(weights[1]).toEqual(weights[0]);
});
