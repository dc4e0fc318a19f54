import { expect, test } from "vitest";
import { picture } from "../../src/base/picture.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { listDataset } from "../../src/data/listing.ts";
import { type Batch, type BatchOptions, batchCount, batches, loadPictures } from "../../src/data/loader.ts";

const size = { width: 3, height: 2 };

/** Pictures of one colour each, their number, that take their time in no order. */
function drawn(count: number): Dataset & { begun: string[] } {
  const begun: string[] = [];
  const train = Array.from({ length: count }, (_, i) => ({ name: String(i), label: i % 2, hash: `h${i}` }));
  return {
    begun,
    source: "drawn",
    classes: ["even", "odd"],
    splits: { train, validation: [{ name: "v", label: 1, hash: "hv" }], test: [] },
    remarks: ["a remark"],
    read: async ({ name }, { width, height }) => {
      begun.push(name);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
      return picture(width, height, new Uint8Array(width * height * 3).fill(Number(name)));
    },
  };
}

const epochOf = (data: Dataset, options: BatchOptions) =>
  batches(data, "train", (samples) => loadPictures(data, samples, size), options);

async function collect(data: Dataset, options: BatchOptions): Promise<Batch[]> {
  const out: Batch[] = [];
  for await (const batch of epochOf(data, options)) out.push(batch);
  return out;
}

const order = (list: readonly Batch[]): number[] =>
  list.flatMap(({ samples }) => samples.map(({ name }) => Number(name)));

test("every picture once, with its label and its pixels, the last batch smaller", async () => {
  const list = await collect(drawn(10), { batch: 4, shuffle: { seed: 1, epoch: 2 } });
  expect(list.map(({ index, inputs }) => [index, inputs.shape])).toEqual([
    [0, [4, 2, 3, 3]],
    [1, [4, 2, 3, 3]],
    [2, [2, 2, 3, 3]],
  ]);
  expect(order(list).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const { inputs, samples } of list) {
    expect(samples.map(({ label }) => label)).toEqual(samples.map(({ name }) => Number(name) % 2));
    expect([...inputs.data]).toEqual(samples.flatMap(({ name }) => new Array(18).fill(Number(name))));
  }
});

test("the order follows from seed and epoch alone", async () => {
  const run = async (seed: number, epoch: number) =>
    order(await collect(drawn(20), { batch: 3, shuffle: { seed, epoch } }));
  expect(await run(1, 1)).toEqual(await run(1, 1));
  expect(await run(1, 1)).not.toEqual(await run(1, 2));
  expect(await run(1, 1)).not.toEqual(await run(2, 1));
  expect(order(await collect(drawn(5), { batch: 2 }))).toEqual([0, 1, 2, 3, 4]);
});

test("an epoch resumed in its middle goes on with the same batches", async () => {
  const options = { batch: 3, shuffle: { seed: 5, epoch: 7 } };
  const whole = await collect(drawn(11), options);
  expect(await collect(drawn(11), { ...options, start: 2 })).toEqual(whole.slice(2));
  expect(await collect(drawn(11), { ...options, start: 4 })).toEqual([]);
});

test("the smaller last batch can be left out", async () => {
  expect(order(await collect(drawn(10), { batch: 4, dropLast: true }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect([10, 8, 0, 3].map((n) => batchCount(n, { batch: 4 }))).toEqual([3, 2, 0, 1]);
  expect([10, 8, 0, 3].map((n) => batchCount(n, { batch: 4, dropLast: true }))).toEqual([2, 2, 0, 0]);
});

test("one batch is read ahead, no more", async () => {
  const data = drawn(9);
  const epoch = epochOf(data, { batch: 3 });
  await epoch.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(data.begun.length).toBe(6);
  await epoch.return();
});

test("a failure reaches the caller at its batch, and none who has left", async () => {
  const data = drawn(6);
  const failing: Dataset = {
    ...data,
    read: async (sample, wanted) => {
      if (sample.name === "4") throw new Error("the fifth is broken");
      return data.read(sample, wanted);
    },
  };
  await expect(collect(failing, { batch: 3 })).rejects.toThrow("the fifth is broken");
  const epoch = epochOf(failing, { batch: 3 });
  expect((await epoch.next()).value?.samples.length).toBe(3);
  await epoch.return();
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("the listing counts, names and hashes", async () => {
  const listing = await listDataset(drawn(3));
  expect(listing).toMatchObject({
    source: "drawn",
    classes: ["even", "odd"],
    counts: { train: { even: 2, odd: 1 }, validation: { even: 0, odd: 1 }, test: { even: 0, odd: 0 } },
    remarks: ["a remark"],
  });
  expect(listing.files).toEqual([
    { name: "0", class: "even", split: "train", hash: "h0" },
    { name: "1", class: "odd", split: "train", hash: "h1" },
    { name: "2", class: "even", split: "train", hash: "h2" },
    { name: "v", class: "odd", split: "validation", hash: "hv" },
  ]);
  expect(listing.hash).toMatch(/^[0-9a-f]{64}$/);
  expect((await listDataset(drawn(3))).hash).toBe(listing.hash);
  const { splits, ...rest } = drawn(3);
  const moved = { ...rest, splits: { ...splits, validation: [], test: splits.validation } };
  expect((await listDataset(moved)).hash).not.toBe(listing.hash);
});
