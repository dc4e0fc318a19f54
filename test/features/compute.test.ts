import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dataset, splitNames } from "../../src/data/dataset.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { openFolder } from "../../src/data/folder.node.ts";
import { type ComputedFeatures, computeFeatures, featureSize } from "../../src/features/compute.ts";
import { featureHash, featureKey } from "../../src/features/key.ts";
import { openFeatureStore } from "../../src/features/store.node.ts";
import { type FeatureStore, memoryFeatureStore } from "../../src/features/store.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { activations } from "../../src/inspect/activations.ts";
import type { Model } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { byClass, writePhotos } from "../cli/photos.ts";
import { temporaryFolder } from "../data/files.ts";
import { small as model, valueAfter } from "./small.ts";

const value = valueAfter(model);
const album = mkdtempSync(join(tmpdir(), "convscope-features-"));
afterAll(() => rmSync(album, { recursive: true }));

const storeIn = async (folder: string): Promise<FeatureStore> => {
  const key = await featureKey(await featureHash(model, value), model.engine);
  return openFeatureStore({ folder, key, size: featureSize(model, value) });
};

/** 50 photos to train with, 12 to validate. */
let dataset: Dataset;
let fresh: ComputedFeatures;
beforeAll(async () => {
  await writePhotos(album, [...byClass(25, undefined, "train/"), ...byClass(6, undefined, "validation/")]);
  dataset = await openFolder(album);
  fresh = await computeFeatures({ model, value, dataset, store: memoryFeatureStore() });
});

/** Features of all pictures by name. */
const rows = ({ dataset, features }: ComputedFeatures) =>
  Object.fromEntries(
    splitNames.flatMap((split) => dataset.splits[split].map((one) => [one.name, features.of(one)])),
  );

test("are what the layer gives for each picture alone", async () => {
  expect(fresh).toMatchObject({ cached: 0, features: { size: 36 } });
  for (const sample of [
    dataset.splits.train[0]!,
    dataset.splits.train[33]!,
    dataset.splits.validation[11]!,
  ]) {
    const picture = await dataset.read(sample, model.input);
    const [alone] = await activations(model, picture, { layers: ["flatten"] });
    const features = fresh.features.of(sample);
    expect(Math.max(...features)).toBeGreaterThan(0.01);
    for (const [at, number] of features.entries()) expect(number).toBeCloseTo(alone!.activation.data[at]!, 5);
  }
});

test("are the same bits from the store, of which nothing is computed again, and so are fingerprints", async () => {
  const folder = temporaryFolder();
  const first = await computeFeatures({ model, value, dataset, store: await storeIn(folder) });
  const told: number[] = [];
  const again = await computeFeatures({
    ...{ model, value, dataset, store: await storeIn(folder) },
    progress: (done) => told.push(done),
  });
  expect([first.cached, again.cached, told]).toEqual([0, 62, []]);
  expect(rows(first)).toEqual(rows(fresh));
  expect(rows(again)).toEqual(rows(fresh));
  for (const { dataset: known } of [first, again])
    for (const sample of [known.splits.train[7]!, known.splits.validation[2]!])
      expect(known.fingerprints!.get(sample.hash)).toEqual(
        fingerprint(await known.read(sample, model.input)),
      );
});

test("an interrupted computation goes on where it ended, to the same bits", async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const interrupted = computeFeatures({
    ...{ model, value, dataset, store: await storeIn(folder), signal: stop.signal },
    progress: (done) => done === 40 && stop.abort(new Error("enough")),
  });
  await expect(interrupted).rejects.toThrow("enough");
  const told: [number, number][] = [];
  const rest = await computeFeatures({
    ...{ model, value, dataset, store: await storeIn(folder) },
    progress: (...progress) => told.push(progress),
  });
  expect(rest.cached).toBe(40);
  expect(told).toEqual([
    [20, 22],
    [22, 22],
  ]);
  expect(rows(rest)).toEqual(rows(fresh));
});

test("are the same bits whichever pictures are computed together, and of a copy those of its original", async () => {
  const store = memoryFeatureStore();
  const { train, validation } = dataset.splits;
  const [first, last] = [train[0]!, train.at(-1)!];
  const few = { ...dataset, splits: { train: [last, first], validation: [], test: [] } };
  await computeFeatures({ model, value, dataset: few, store });
  const copy = { ...first, name: "copy" };
  const more = { ...dataset, splits: { train: [...train, copy], validation: [], test: validation } };
  const all = await computeFeatures({ model, value, dataset: more, store });
  expect(all.cached).toBe(2);
  expect(rows(all)).toEqual({ ...rows(fresh), copy: fresh.features.of(first) });
});

test("two computations at once that keep the same both end right", async () => {
  const folder = temporaryFolder();
  const both = await Promise.all(
    [1, 2].map(async () => computeFeatures({ model, value, dataset, store: await storeIn(folder) })),
  );
  for (const one of both) expect(rows(one)).toEqual(rows(fresh));
  const after = await computeFeatures({ model, value, dataset, store: await storeIn(folder) });
  expect(after.cached).toBe(62);
  expect(rows(after)).toEqual(rows(fresh));
});

test("where nothing can be kept they are there all the same", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "features"), "");
  const store = await storeIn(folder);
  expect(rows(await computeFeatures({ model, value, dataset, store }))).toEqual(rows(fresh));
  expect(store.remarks).toHaveLength(1);
});

test("broken pictures are left out by name, and are no picture of the store", async () => {
  const folder = temporaryFolder();
  const names = ["train/disc/0.jpg", "train/disc/1.jpg", "train/square/0.jpg", "train/square/1.jpg"];
  for (const [at, name] of names.entries())
    copyFileSync(join(album, name), join(folder, `${["cat", "dog"][at >> 1]}.${at}.jpg`));
  const broken = join(folder, "cat.0.jpg");
  writeFileSync(broken, readFileSync(broken).subarray(0, 500));
  const opened = await openFolder(folder, { validationFraction: 0 });
  const store = memoryFeatureStore();
  for (const cached of [0, 3]) {
    const result = await computeFeatures({ model, value, dataset: opened, store });
    expect(result.cached).toBe(cached);
    expect(Object.keys(rows(result))).toEqual(["cat.1.jpg", "dog.2.jpg", "dog.3.jpg"]);
    expect(result.dataset.remarks).toEqual([
      "1 broken picture skipped",
      `${broken} is cut short; copy it again or remove it`,
    ]);
  }
});

test("of a graph from elsewhere that was exported for one picture", async () => {
  const path = join(temporaryFolder(), "elsewhere.onnx");
  const single = {
    ...model.graph,
    metadata: new Map(),
    inputs: model.graph.inputs.map((input) => ({ ...input, shape: [1, 3, 20, 20] })),
  };
  writeFileSync(path, writeOnnx({ ...single, values: new Map() }));
  const opened = await openModel(path, { engine: model.engine, preprocessing: "unit" });
  const result = await computeFeatures({ model: opened, value, dataset, store: memoryFeatureStore() });
  expect(rows(result)).toEqual(rows(fresh));
});

test("a network that does not say how pictures become its input is refused, as is one that cannot be run", async () => {
  const { preprocessing: _, ...input } = model.input;
  const compute = (other: Model) =>
    computeFeatures({ model: other, value, dataset, store: memoryFeatureStore() });
  await expect(compute({ ...model, input })).rejects.toThrow("does not say how pictures become its input");
  const nodes = model.graph.nodes.map((node) => (node.op === "Relu" ? { ...node, op: "Fooify" } : node));
  await expect(compute({ ...model, graph: { ...model.graph, nodes } })).rejects.toThrow(
    /^small cannot be run \(ONNX Runtime: .*Fooify.*\); its file may be damaged, make it anew\.$/,
  );
});
