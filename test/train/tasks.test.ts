import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { noAugmentation } from "../../src/data/augment.ts";
import type { Dataset, Sample } from "../../src/data/dataset.ts";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { answersOf } from "../../src/evaluate/answers.ts";
import { scoreOf } from "../../src/evaluate/score.ts";
import { tallyValues } from "../../src/evaluate/values.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { scaleOf } from "../../src/model/tasks/regression.ts";
import { readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { classWeightsOf } from "../../src/train/class-weights.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { measuredOn } from "../../src/train/measured-on.ts";
import { adam } from "../../src/train/optimizers/adam.ts";
import { withWeights } from "../../src/train/weights.ts";

const drawn = syntheticDataset({ seed: 1, train: 50, validation: 20, test: 0 });
const size = { width: 24, height: 24 };

/** Mean level of each picture's red, green and blue, 0…255. */
const means = new Map<Sample, readonly number[]>();
for (const sample of [...drawn.splits.train, ...drawn.splits.validation]) {
  const { data } = await drawn.read(sample, size);
  const sums = [0, 1, 2].map((color) =>
    data.reduce((sum, level, at) => sum + (at % 3 === color ? level : 0), 0),
  );
  means.set(
    sample,
    sums.map((sum) => sum / (size.width * size.height)),
  );
}

/** The built-in pictures with other things to learn. */
function taught(
  task: "multi-label" | "regression",
  classes: readonly string[],
  values: (of: Sample) => number[],
): Dataset {
  const originals = new Map<Sample, Sample>();
  const relabel = (samples: readonly Sample[]): Sample[] =>
    samples.map((original) => {
      const sample = { ...original, label: -1, values: values(original) };
      originals.set(sample, original);
      return sample;
    });
  const { train, validation } = drawn.splits;
  return {
    ...drawn,
    ...{ task, classes },
    splits: { train: relabel(train), validation: relabel(validation), test: [] },
    read: (sample, framing) => drawn.read(originals.get(sample)!, framing),
  };
}

const tones = taught("multi-label", ["bright", "warm"], (sample) => {
  const [red, green, blue] = means.get(sample) as [number, number, number];
  return [Number(red + green + blue > 400), Number(red > blue)];
});
/** In thousands, so that nothing is learnt unless the network knows their scale. */
const levels = taught("regression", ["level"], (sample) => [
  1000 * means.get(sample)!.reduce((sum, level) => sum + level, 0),
]);

function options(dataset: Dataset, overrides: Partial<FitOptions> = {}): FitOptions {
  const { task, classes } = dataset;
  const network = smallConvnet({
    task,
    classes,
    size: 24,
    filters: [8, 8],
    units: 16,
    seed: 1,
    dropout: 0.2,
  });
  return {
    network: measuredOn(network, dataset),
    dataset,
    engine: nodeEngine({ threads: 1 }),
    optimizer: adam(),
    learningRate: 3e-3,
    epochs: 16,
    // 50 pictures leave a smaller last batch.
    batch: 8,
    augmentation: noAugmentation,
    seed: 4,
    ...overrides,
  };
}

describe.each([
  { name: "labels", dataset: tones, key: "f1" },
  { name: "a value", dataset: levels, key: "r2" },
] as const)("$name", ({ dataset, key }) => {
  test("are learnt, and the best epoch is the one with the highest measure", async () => {
    const { state } = await fit(options(dataset));
    const { history } = state;
    expect(history.at(-1)!.train.loss).toBeLessThan(0.8 * history[0]!.train.loss);
    expect(history.at(-1)!.train[key]!).toBeGreaterThan(history[0]!.train[key]!);
    const best = history.findLast((row) => row.best)!;
    expect(best.validation[key]).toBe(Math.max(...history.map(({ validation }) => validation[key]!)));
    expect(Object.keys(best.validation)).toEqual(["loss", key]);
  });

  test("what a row says of validation is what evaluation says", async () => {
    const chosen = options(dataset, { epochs: 1 });
    const { state } = await fit(chosen);
    const model = { ...withWeights(chosen.network, state.tensors), source: "memory", engine: chosen.engine };
    expect(scoreOf(await answersOf(model, dataset, "validation"), model)).toEqual(
      state.history[0]!.validation,
    );
  });

  test("stopped within an epoch, saved and gone on with, to the same bits, mixed pictures too", async () => {
    const choices = { epochs: 2, mixup: 0.2 };
    const whole = await fit(options(dataset, choices));
    const controller = new AbortController();
    let steps = 0;
    const onStep = (): void => {
      if (++steps === 9) controller.abort();
    };
    const stopped = await fit(options(dataset, { ...choices, signal: controller.signal, onStep }));
    expect(stopped.reason).toBe("interrupted");
    const state = readCheckpoint(writeCheckpoint(stopped.state), "checkpoint");
    const resumed = await fit(options(dataset, { ...choices, state }));
    expect(resumed.state.tensors).toEqual(whole.state.tensors);
    const rows = ({ history }: typeof whole.state) => history.map(({ seconds: _, ...row }) => row);
    expect(rows(resumed.state)).toEqual(rows(whole.state));
  });

  test("classes are not weighed", () => {
    expect(() => classWeightsOf(dataset, "balanced")).toThrow(UserError);
  });
});

test("a value's network knows the scale of the training pictures, and says values of it", async () => {
  const chosen = options(levels);
  const values = levels.splits.train.map(({ values }) => values![0]!);
  const mean = values.reduce((sum, value) => sum + value) / 50;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 50);
  expect(scaleOf(chosen.network).mean / mean).toBeCloseTo(1, 6);
  expect(scaleOf(chosen.network).deviation / deviation).toBeCloseTo(1, 6);
  const { state } = await fit(chosen);
  const model = { ...withWeights(chosen.network, state.tensors), source: "memory", engine: chosen.engine };
  const found = tallyValues(await answersOf(model, levels, "train"), mean);
  expect(found.mae).toBeLessThan(0.6 * found.baseline.mae);
  expect(found.baseline.rmse / deviation).toBeCloseTo(1, 5);
});
