import { describe, expect, test } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { defaultAugmentation, noAugmentation } from "../../src/data/augment.ts";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { scorings } from "../../src/evaluate/tasks/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { type FitOptions, fit } from "../../src/train/fit.ts";
import { optimizers } from "../../src/train/optimizers/index.ts";
import { rmsprop } from "../../src/train/optimizers/rmsprop.ts";
import { schedules } from "../../src/train/schedules/index.ts";
import { oneCycle } from "../../src/train/schedules/one-cycle.ts";
import { bestRow, isBetter, type TrainingState } from "../../src/train/state.ts";

const dataset = syntheticDataset({ seed: 1, train: 50, validation: 20, test: 0 });
const network = smallConvnet({ classes: dataset.classes, size: 32, filters: [16, 16], units: 16, seed: 1 });

function options(overrides: Partial<FitOptions> = {}): FitOptions {
  return {
    network,
    dataset,
    engine: nodeEngine(),
    optimizer: rmsprop(),
    learningRate: 1e-3,
    schedule: oneCycle,
    epochs: 3,
    // 50 pictures leave a smaller last batch.
    batch: 8,
    augmentation: defaultAugmentation,
    seed: 4,
    ...overrides,
  };
}

/** Everything of a state but the seconds that epochs took. */
function fingerprint({ tensors, history, ...rest }: TrainingState) {
  return {
    ...rest,
    history: history.map(({ seconds: _, ...row }) => row),
    tensors: [...tensors].map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
    ]),
  };
}

describe("same seed, same bits", () => {
  test("twice from the start", async () => {
    const [a, b] = [await fit(options({ epochs: 2 })), await fit(options({ epochs: 2 }))];
    expect(fingerprint(a.state)).toEqual(fingerprint(b.state));
    const other = await fit(options({ epochs: 2, seed: 5 }));
    expect(fingerprint(other.state)).not.toEqual(fingerprint(a.state));
  });

  const everything = Object.entries(optimizers).flatMap(([name, optimizer]) =>
    Object.values(schedules).map((schedule) => ({
      ...{ stopAfter: 7, name, schedule },
      optimizer: optimizer({ momentum: 0.9, nesterov: true }),
    })),
  );
  const first = everything[0]!;

  test.each([{ ...first, stopAfter: 1 }, { ...first, stopAfter: 12 }, ...everything])(
    "stopped after step $stopAfter, saved, read and gone on with: $name, $schedule.name",
    async ({ stopAfter, optimizer, schedule }) => {
      const choices = { optimizer, schedule, weightDecay: 0.01, clipNorm: 1, mixup: 0.2, epochs: 2 };
      const whole = await fit(options(choices));
      const controller = new AbortController();
      let steps = 0;
      const stopped = await fit(
        options({
          ...choices,
          signal: controller.signal,
          onStep: () => {
            if (++steps === stopAfter) controller.abort();
          },
        }),
      );
      expect(stopped.reason).toBe("interrupted");
      const state = readCheckpoint(writeCheckpoint(stopped.state), "checkpoint");
      const resumed = await fit(options({ ...choices, state }));
      expect(resumed.reason).toBe("done");
      expect(fingerprint(resumed.state)).toEqual(fingerprint(whole.state));
    },
  );
});

test("it learns: the loss falls and the record says which epoch was best", async () => {
  const { state } = await fit(options({ epochs: 30, augmentation: noAugmentation }));
  const losses = state.history.map(({ train }) => train.loss);
  expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
  const best = bestRow(state.history)!;
  expect(best.validation.accuracy).toBe(
    Math.max(...state.history.map(({ validation }) => validation.accuracy!)),
  );
  expect(state.history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
});

test("early stopping ends when the validation loss has not fallen for so long", async () => {
  // Steps of nothing: the loss never falls after the first epoch.
  const { state, reason } = await fit(options({ epochs: 9, learningRate: 0, patience: 2 }));
  expect(reason).toBe("early stopping");
  expect(state.history.length).toBe(3);
});

test("a loss that is no number stops training and says where", async () => {
  await expect(fit(options({ learningRate: 1e30 }))).rejects.toThrow(
    /^The loss is (NaN|Infinity|-Infinity) at epoch 1, step \d+: training has run away; .*lower learning rate than 1e\+30\.$/,
  );
});

test("better is a higher measure, then a lower loss", () => {
  const { measure } = scorings["single-label"];
  expect(isBetter({ accuracy: 0.8, loss: 1 }, undefined, measure)).toBe(true);
  expect(isBetter({ accuracy: 0.8, loss: 1 }, { accuracy: 0.7, loss: 0.5 }, measure)).toBe(true);
  expect(isBetter({ accuracy: 0.8, loss: 0.4 }, { accuracy: 0.8, loss: 0.5 }, measure)).toBe(true);
  expect(isBetter({ accuracy: 0.8, loss: 0.5 }, { accuracy: 0.8, loss: 0.5 }, measure)).toBe(false);
});

test("a checkpoint that is cut short or something else is refused by name", () => {
  const tensors = new Map<string, Tensor<"float32">>([["w", float32([2], [1, 2])]]);
  const bytes = writeCheckpoint({
    tensors,
    epoch: 1,
    step: 0,
    running: { loss: 0, sums: [], pictures: 0 },
    history: [],
  });
  expect(() => readCheckpoint(bytes.subarray(0, bytes.length - 1), "last.safetensors")).toThrow(
    "last.safetensors is not a whole safetensors file",
  );
  expect(() => readCheckpoint(new Uint8Array([1, 2, 3]), "x")).toThrow("x is not a whole safetensors file");
});
