import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32 } from "../../src/base/tensor.ts";
import type { Dataset, Sample } from "../../src/data/dataset.ts";
import { writeSafetensors } from "../../src/formats/safetensors.ts";
import { demoConfig } from "../../src/train/config.ts";
import { createRun, openRun } from "../../src/train/run.node.ts";
import { hasWatched, readWatched, saveWatched } from "../../src/train/watched.node.ts";
import { type WatchedEpoch, watchedLabel, watchedSamples } from "../../src/train/watched.ts";

const folder = mkdtempSync(join(tmpdir(), "convscope-watched-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const samples = (split: string, counts: readonly number[]): Sample[] =>
  counts.flatMap((count, label) =>
    Array.from({ length: count }, (_, i) => ({ name: `${split}/${label}/${i}.jpg`, label, hash: "" })),
  );
const dataset: Dataset = {
  source: "photos/",
  classes: ["a", "b", "c"],
  splits: { train: samples("train", [9, 9, 9]), validation: samples("validation", [50, 2, 40]), test: [] },
  remarks: [],
  read: () => Promise.reject(new Error("not needed")),
};

describe("the pictures to watch", () => {
  const labels = (count: number, seed = 0): number[] =>
    watchedSamples(dataset, count, seed).map(({ label }) => label);

  test("are drawn from validation, of all classes alike as far as there are, in class order", () => {
    expect(labels(0)).toEqual([]);
    expect(new Set(labels(2)).size).toBe(2);
    expect(labels(3)).toEqual([0, 1, 2]);
    // Of b there are two.
    const counts = [0, 1, 2].map((label) => labels(9).filter((each) => each === label).length);
    expect([counts[1], counts.toSorted()]).toEqual([2, [2, 3, 4]]);
    expect(watchedSamples(dataset, 999, 0)).toHaveLength(92);
    expect(watchedSamples(dataset, 4, 0).every((one) => dataset.splits.validation.includes(one))).toBe(true);
  });

  test("follow from the seed", () => {
    expect(watchedSamples(dataset, 4, 1)).toEqual(watchedSamples(dataset, 4, 1));
    expect(watchedSamples(dataset, 4, 2)).not.toEqual(watchedSamples(dataset, 4, 1));
  });

  test("or named, in that order, also by their place in the data's folder", () => {
    const names = ["train/1/3.jpg", "photos/validation/0/7.jpg", "train/1/3.jpg"];
    expect(watchedSamples(dataset, names, 0).map(({ name }) => name)).toEqual([
      "train/1/3.jpg",
      "validation/0/7.jpg",
    ]);
    expect(() => watchedSamples(dataset, ["train/3/1.jgp"], 0)).toThrow(
      new UserError('There is no picture "train/3/1.jgp" in photos/ to watch; did you mean "train/0/1.jpg"?'),
    );
  });

  test("are explained for their class, the first label that they bear, or the value", () => {
    const sample = { name: "", hash: "" };
    expect(watchedLabel({ ...sample, label: 2 })).toBe(2);
    expect(watchedLabel({ ...sample, label: -1, values: [0, 0, 1, 1] })).toBe(2);
    expect(watchedLabel({ ...sample, label: -1, values: [0, 0] })).toBe(0);
    expect(watchedLabel({ ...sample, label: -1, values: [3.5] })).toBe(0);
  });
});

describe("what was watched", () => {
  const epochOf = (epoch: number): WatchedEpoch => ({
    ...{ epoch, method: "Grad-CAM", layer: "conv2d_1" },
    pictures: ["b/1.jpg", "a/<2>.jpg"].map((name, at) => ({
      ...{ name, target: 1 - at },
      raw: float32([2, 3], [1, -2, 3, -4, 5, -6 - epoch]),
      logits: float32([3], [at, 0.5, epoch]),
      outputs: float32([3], [0.25, 0.5, 0.25]),
    })),
  });
  const begin = (name: string) => createRun(join(folder, name), { ...demoConfig, threads: 1 }, dataset, "");
  const file = (name: string, epoch: string): string =>
    join(folder, name, `watched/epoch-${epoch}.safetensors`);

  test("is kept in a file an epoch, and read in their order", async () => {
    const run = await begin("kept");
    expect(await readWatched(run)).toEqual([]);
    for (const epoch of [0, 10_000, 2]) await saveWatched(run, epochOf(epoch));
    writeFileSync(`${file("kept", "0003")}.tmp`, "cut o");
    const opened = await openRun(run.folder);
    expect(await readWatched(opened)).toEqual([epochOf(0), epochOf(2), epochOf(10_000)]);
    expect([0, 1, 2].map((epoch) => hasWatched(opened, epoch))).toEqual([true, false, true]);
  });

  test("is written over by the same bytes when an epoch is repeated", async () => {
    const run = await begin("repeated");
    await saveWatched(run, epochOf(1));
    const before = readFileSync(file("repeated", "0001"));
    await saveWatched(run, epochOf(1));
    expect(readFileSync(file("repeated", "0001")).equals(before)).toBe(true);
    expect(await readWatched(run)).toEqual([epochOf(1)]);
  });

  test("goes with a run that is begun anew", async () => {
    await saveWatched(await begin("anew"), epochOf(0));
    expect(await readWatched(await begin("anew"))).toEqual([]);
  });

  test("is refused by name where a file is damaged or something else", async () => {
    const run = await begin("damaged");
    await saveWatched(run, epochOf(0));
    const path = file("damaged", "0000");
    const whole = readFileSync(path);
    for (const length of [0, 7, 100, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(readWatched(run)).rejects.toThrow(new RegExp(`^${path} is not a whole safetensors file`));
    }
    const refused = new UserError(
      `${path} holds no watched pictures of this version of convscope; remove it.`,
    );
    const replaced = (from: string, to: string): Buffer =>
      Buffer.from(whole.toString("latin1").replace(from, to), "latin1");
    for (const bytes of [
      writeSafetensors(new Map([["raw", float32([1], [1])]])),
      replaced("convscope watched 1", "convscope watched 2"),
      replaced("b/1.jpg", 'b\\",\\"c'),
      replaced('"raw"', '"row"'),
      replaced("[2,2,3]", "[12,1] "),
      replaced('{\\"epoch\\":0', '{\\"epoch\\":x'),
    ]) {
      writeFileSync(path, bytes);
      await expect(readWatched(run)).rejects.toThrow(refused);
    }
  });
});
