import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf } from "../../src/base/tensor.ts";
import { noAugmentation } from "../../src/data/augment.ts";
import { openFolder } from "../../src/data/folder.node.ts";
import { preload } from "../../src/data/preload.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { computeFeatures } from "../../src/features/compute.ts";
import { stackFeatures } from "../../src/features/features.ts";
import { memoryFeatureStore } from "../../src/features/store.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { storedGraph } from "../../src/model/description.ts";
import type { Network } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { forward } from "../../src/model/predict.ts";
import { preprocess } from "../../src/model/preprocessing.ts";
import { closeModel } from "../../src/model/programs.ts";
import { backboneHash, withHead } from "../../src/train/backbone.node.ts";
import {
  type BackboneConfig,
  backboneDefaults,
  defaultConfig,
  type RunConfig,
} from "../../src/train/config.ts";
import { fit } from "../../src/train/fit.ts";
import { optimizers } from "../../src/train/optimizers/index.ts";
import { createRun, openRun, type Run, readBest, readState } from "../../src/train/run.node.ts";
import { readRecord } from "../../src/train/run-record.node.ts";
import { schedules } from "../../src/train/schedules/index.ts";
import { bestRow, type EpochRow } from "../../src/train/state.ts";
import { fitOptions, type Material, networkOf, trainRun } from "../../src/train/train-run.node.ts";
import { withWeights } from "../../src/train/weights.ts";
import { byClass, writePhotos } from "../cli/photos.ts";
import { readEvents } from "../formats/tensorboard-file.ts";
import { codes, foreignModel, graphMessage } from "../graph/onnx-file.ts";
import { exporters } from "../model/exporters.ts";

const engine = nodeEngine({ threads: 1 });
const folder = mkdtempSync(join(tmpdir(), "convscope-transfer-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A network of ours, and one with batch normalization as PyTorch exports it, for one picture. */
const backbones = { ours: join(folder, "ours.onnx"), elsewhere: join(folder, "elsewhere.onnx") };

/** A backbone from elsewhere, and what has to be said of it. */
const foreign = { model: backbones.elsewhere, cut: "features.4", preprocess: "unit" } as const;

beforeAll(async () => {
  await writePhotos(join(folder, "photos"), [
    ...byClass(10, undefined, "train/"),
    ...byClass(4, undefined, "validation/"),
  ]);
  const convnet = smallConvnet({ classes: ["a", "b"], size: 20, filters: [4, 6], units: 5, seed: 3 });
  writeFileSync(backbones.ours, writeOnnx(convnet.graph));
  const { nodes, constants, opset } = exporters.PyTorch!;
  const graph = graphMessage({
    nodes,
    constants,
    inputs: [{ name: "x", code: codes.float32, shape: [1, 3, 12, 10] }],
    outputs: [{ name: "y", code: codes.float32, shape: [1, 3] }],
  });
  writeFileSync(backbones.elsewhere, foreignModel(graph, opset));
});

type Settings = Partial<Omit<RunConfig, "backbone">> & { readonly backbone?: Partial<BackboneConfig> };

/** Three steps an epoch: two epochs of the head, two of fine-tuning. */
async function prepared({ backbone: choice, ...settings }: Settings = {}) {
  const base: BackboneConfig = {
    ...backboneDefaults,
    ...{ model: backbones.ours, hash: "", cut: "conv2d_1" },
    ...{ preprocess: null, crop: null, filter: null, updateStatistics: false },
    ...{ unfreeze: ["conv2d_1"], fineTuneEpochs: 2, fineTuneRate: 0.01 },
    ...choice,
  };
  const backbone = await openModel(base.model, {
    engine,
    ...(base.preprocess === null ? {} : { preprocessing: base.preprocess }),
  });
  const draft: RunConfig = {
    ...defaultConfig,
    data: { kind: "folder", path: join(folder, "photos"), validationFraction: 0 },
    ...{ architecture: "ours", backbone: base, size: null, units: 0, threads: 1, seed: 6 },
    ...{ optimizer: "adam", learningRate: 0.01, schedule: "cosine", epochs: 2, batch: 8 },
    augmentation: noAugmentation,
    ...settings,
  };
  const pictures = await openFolder(join(folder, "photos"));
  const hash = await backboneHash(withHead(backbone, base, draft, pictures));
  const config = { ...draft, backbone: { ...base, hash } };
  const { network, transfer } = networkOf(config, pictures, backbone);
  const { dataset, features } = await computeFeatures({
    model: { ...network, source: backbone.source, engine },
    value: transfer!.head.input.name,
    dataset: pictures,
    store: memoryFeatureStore(),
  });
  const material = { network, transfer: transfer!, dataset: await preload(dataset, network.input), features };
  return { config, material };
}

/** A run in a new folder. */
const begin = (config: RunConfig, { dataset }: Material): Promise<Run> =>
  createRun(mkdtempSync(join(folder, "run-")), config, dataset, engine.description);

const weightOf = ({ graph }: Network, name: string): Buffer =>
  Buffer.from(graph.initializers.get(name)!.bytes);

/** The run's model, opened again, and its record. */
async function outcome(run: Run) {
  const network = await openModel(run.folder, { engine });
  return { network, ...(await readRecord(run.folder)) };
}

const withoutTime = ({ seconds: _, ...row }: EpochRow) => row;

/** All that training left in a run's folder, to the bit, but for times. */
async function result(run: Run) {
  const { tensors, history, ...rest } = await readState(run);
  return {
    ...rest,
    model: readFileSync(run.path("model")).toString("base64"),
    tensors: [...tensors].map(([name, tensor]) => [name, Buffer.from(bytesOf(tensor)).toString("base64")]),
    history: history.map(withoutTime),
  };
}

describe("a head on features, then fine-tuning", () => {
  test("changes the unfrozen layers alone, and the model kept is the best of both", async () => {
    const { config, material } = await prepared();
    const run = await begin(config, material);
    const stages: unknown[] = [];
    const { state, reason } = await trainRun(run, material, engine, {
      onStage: (stage) => stages.push(stage),
    });
    expect(stages).toEqual([
      { epochs: 2, learningRate: 0.01, unfrozen: undefined },
      { epochs: 4, learningRate: 0.01, unfrozen: ["conv2d_1"] },
    ]);
    expect([reason, state.epoch, state.after]).toEqual(["done", 4, 2]);
    const { network, history, finished } = await outcome(run);
    expect(finished).toBe(true);
    expect(history.map(({ epoch, fineTuning }) => [epoch, fineTuning])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, true],
      [4, true],
    ]);
    const events = readEvents(readFileSync(run.path("events"))).slice(1);
    expect(events.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(bestRow(history)?.epoch).toBe(4);
    expect(history[3]!.validation.loss).toBeLessThan(history[1]!.validation.loss);
    const before = material.network;
    for (const name of ["conv2d/kernel", "conv2d/bias"])
      expect(weightOf(network, name)).toEqual(weightOf(before, name));
    for (const name of ["conv2d_1/kernel", "conv2d_1/bias", "dense/kernel", "dense/bias"])
      expect(weightOf(network, name)).not.toEqual(weightOf(before, name));
  });

  test("leaves the backbone as it is without unfrozen layers, and predicts what the head says of features", async () => {
    const { config, material } = await prepared({ units: 3, backbone: { unfreeze: [] } });
    const run = await begin(config, material);
    const { state } = await trainRun(run, material, engine);
    expect([state.epoch, state.after]).toEqual([2, undefined]);
    const { network, finished } = await outcome(run);
    expect(finished).toBe(true);
    for (const name of ["conv2d/kernel", "conv2d/bias", "conv2d_1/kernel", "conv2d_1/bias"])
      expect(weightOf(network, name)).toEqual(weightOf(material.network, name));

    const { dataset, features, transfer } = material;
    const samples = dataset.splits.validation;
    const best = withWeights(transfer.head, (await readBest(run)).tensors);
    const head = { ...best, source: "head", engine };
    const said = await forward(head, stackFeatures(features, samples));
    const whole = { ...network, source: "model.onnx", engine };
    const photos = await Promise.all(samples.map((sample) => dataset.read(sample, network.input)));
    const { logits } = await forward(whole, preprocess(network.input, photos));
    expect(logits.data.length).toBe(8);
    for (const [row, logit] of logits.data.entries()) expect(logit).toBeCloseTo(said.logits.data[row]!, 5);
    await Promise.all([head, whole].map(closeModel));
  });

  test("a model from elsewhere is trained: batch statistics stay, or measure on where asked", async () => {
    for (const updateStatistics of [false, true]) {
      const unfreeze = ["features.1", "features.0"];
      const { config, material } = await prepared({
        backbone: { ...foreign, unfreeze, fineTuneRate: 0.001, updateStatistics },
      });
      const run = await begin(config, material);
      await trainRun(run, material, engine);
      const { network, history } = await outcome(run);
      expect(bestRow(history)?.fineTuning).toBe(true);
      const changed = [...storedGraph(material.network).initializers.keys()].filter(
        (name) => !weightOf(network, name).equals(weightOf(material.network, name)),
      );
      const statistics = ["features.1.running_mean", "features.1.running_var"];
      expect(changed.toSorted()).toEqual(
        [
          ...["features.0.weight", "features.1.weight", "features.1.bias", "dense/kernel", "dense/bias"],
          ...(updateStatistics ? statistics : []),
        ].toSorted(),
      );
    }
  });

  test("keeps the head's model where fine-tuning makes it worse", async () => {
    const { config, material } = await prepared({ optimizer: "sgd", backbone: { fineTuneRate: 20 } });
    const run = await begin(config, material);
    let settled: Buffer | undefined;
    const onStage = ({ unfrozen }: { unfrozen: unknown }): void => {
      if (unfrozen) settled = readFileSync(run.path("model"));
    };
    await trainRun(run, material, engine, { onStage });
    const { history } = await outcome(run);
    expect(bestRow(history)!.epoch).toBeLessThanOrEqual(2);
    expect(readFileSync(run.path("model"))).toEqual(settled);
  });

  test("early stopping ends each stage by its own epochs", async () => {
    // Steps of nothing: the loss never falls after a stage's first epoch.
    const { config, material } = await prepared({
      ...{ epochs: 9, learningRate: 0, patience: 1 },
      backbone: { fineTuneEpochs: 9, fineTuneRate: 0 },
    });
    const run = await begin(config, material);
    let between: boolean | undefined;
    const { reason } = await trainRun(run, material, engine, {
      onEpoch: async ({ epoch }) => {
        if (epoch === 3) between = (await readRecord(run.folder)).finished;
      },
    });
    const { history, finished } = await outcome(run);
    expect(history.map(({ fineTuning = false }) => fineTuning)).toEqual([false, false, true, true]);
    expect([reason, between, finished]).toEqual(["early stopping", false, true]);
  });
});

test("a step from features is one from pictures, to rounding", async () => {
  const { config, material } = await prepared({ units: 4, optimizer: "sgd", epochs: 1, batch: 20 });
  const [fromFeatures, fromPictures] = await Promise.all(
    [material, { ...material, features: undefined }].map((given) => fit(fitOptions(config, given, engine))),
  );
  const [here, there] = [fromFeatures!.state, fromPictures!.state];
  expect([...here.tensors.keys()]).toEqual(["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]);
  expect([...there.tensors.keys()]).toEqual([...here.tensors.keys()]);
  expect(here.history[0]!.train.loss).toBeCloseTo(there.history[0]!.train.loss, 6);
  const start = material.network.graph.initializers;
  for (const [name, { data }] of here.tensors) {
    const old = new Float32Array(start.get(name)!.bytes.slice().buffer);
    const moved = data.map((value, at) => value - old[at]!);
    const other = there.tensors.get(name)!.data.map((value, at) => value - old[at]!);
    expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(1e-5);
    for (const [at, value] of moved.entries()) expect(value).toBeCloseTo(other[at]!, 7);
  }
});

describe("same seed, same bits", () => {
  /** Trains a run with a stop after each of these steps, going on from its folder as the next process would. */
  async function interrupted(config: RunConfig, material: Material, stops: readonly number[]): Promise<Run> {
    const run = await begin(config, material);
    let steps = 0;
    for (const stop of [...stops, Number.POSITIVE_INFINITY]) {
      const controller = new AbortController();
      const { reason } = await trainRun(
        await openRun(run.folder),
        material,
        engine,
        { signal: controller.signal, onStep: () => void (++steps === stop && controller.abort()) },
        steps > 0 ? await readState(run) : undefined,
      );
      expect(reason).toBe(stop === Number.POSITIVE_INFINITY ? "done" : "interrupted");
    }
    return run;
  }

  // Every one of both; all pairs are tried with `fit`.
  const names = Object.keys(optimizers) as RunConfig["optimizer"][];
  const choices = (Object.keys(schedules) as RunConfig["schedule"][]).map((schedule, at) => ({
    optimizer: names[at % names.length]!,
    schedule,
  }));

  // In the middle and at the end of the first stage, after the first step of the second, at an epoch's end, and in the last epoch.
  test.each(choices)("with stops in both stages: $optimizer, $schedule", async (choice) => {
    const { config, material } = await prepared({
      ...choice,
      momentum: 0.9,
      weightDecay: 0.01,
      clipNorm: 1,
    });
    const whole = await begin(config, material);
    await trainRun(whole, material, engine);
    const stopped = await interrupted(config, material, [2, 6, 7, 9, 11]);
    expect(await result(stopped)).toEqual(await result(whole));
  });

  test("augmented, with mixup and batch statistics", async () => {
    const { config, material } = await prepared({
      ...{ augmentation: defaultConfig.augmentation, mixup: 0.2 },
      backbone: { ...foreign, unfreeze: ["features.*"], updateStatistics: true },
    });
    const looking = { ...material, features: undefined };
    const whole = await begin(config, looking);
    await trainRun(whole, looking, engine);
    const stopped = await interrupted(config, looking, [2, 8]);
    expect(await result(stopped)).toEqual(await result(whole));
  });

  test("stopped between the stages, as the last epoch of the head has been saved", async () => {
    const { config, material } = await prepared();
    const whole = await begin(config, material);
    await trainRun(whole, material, engine);
    const run = await begin(config, material);
    const controller = new AbortController();
    const onEpoch = ({ epoch }: EpochRow): void => {
      if (epoch === 2) controller.abort();
    };
    const { reason } = await trainRun(run, material, engine, { signal: controller.signal, onEpoch });
    expect([reason, (await readState(run)).after]).toEqual(["interrupted", 2]);
    expect((await readRecord(run.folder)).finished).toBe(false);
    await trainRun(run, material, engine, {}, await readState(run));
    expect(await result(run)).toEqual(await result(whole));
  });

  test("killed when the first best of fine-tuning was written and its checkpoint was not", async () => {
    const { config, material } = await prepared();
    const whole = await begin(config, material);
    await trainRun(whole, material, engine);
    const run = await begin(config, material);
    const before = join(run.folder, "before");
    await trainRun(run, material, engine, {
      onStage: ({ unfrozen }) => {
        if (unfrozen) copyFileSync(run.path("last"), before);
      },
    });
    copyFileSync(before, run.path("last"));
    await trainRun(run, material, engine, {}, await readState(run));
    expect(await result(run)).toEqual(await result(whole));
  });
});
