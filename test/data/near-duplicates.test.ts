import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { type Picture, picture } from "../../src/base/picture.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { decodePicture } from "../../src/data/decode.node.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { openFolder } from "../../src/data/folder.node.ts";
import { findNearDuplicates, labelledOtherwise, withNearDuplicates } from "../../src/data/near-duplicates.ts";
import { preload } from "../../src/data/preload.ts";
import { thumbnail } from "../../src/data/thumbnail.ts";
import { shared } from "../shared.ts";
import { noise, plain, temporaryFolder, writeTree } from "./files.ts";

const size = { width: 64, height: 48 };

/** Soft patches of colour, which no two seeds share: like a photo out of focus. */
const scene = async (seed: number): Promise<Sharp> =>
  sharp(await noise(seed, 6, 5).png().toBuffer()).resize(120, 100, { fit: "fill", kernel: "cubic" });

const decoded = async (image: Sharp): Promise<Picture> =>
  decodePicture(await image.png().toBuffer(), "scene.png", size);

/** Cut by a part of its sides on all of them, and encoded anew. */
async function cut(image: Sharp, part: number): Promise<Buffer> {
  const { data, info } = await image.png().toBuffer({ resolveWithObject: true });
  const [left, top] = [Math.round(part * info.width), Math.round(part * info.height)];
  return sharp(data)
    .extract({ left, top, width: info.width - 2 * left, height: info.height - 2 * top })
    .jpeg({ quality: 85 })
    .toBuffer();
}

const bitsApart = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, byte, i) => sum + (byte ^ b[i]!).toString(2).replaceAll("0", "").length, 0);

describe("a thumbnail", () => {
  test("has the mean grey of each part; a small picture's pixels are repeated", () => {
    const grey = (...levels: number[]): Uint8Array => Uint8Array.from(levels.flatMap((v) => [v, v, v]));
    const four = picture(4, 2, grey(10, 20, 30, 50, 30, 40, 70, 90));
    expect(thumbnail(four, 2).map(Math.round)).toEqual(Float64Array.of(15, 40, 35, 80));
    expect(thumbnail(four, 1)[0]).toBeCloseTo(42.5, 10);
    const one = picture(1, 2, Uint8Array.of(255, 0, 0, 0, 255, 0));
    expect([...thumbnail(one, 2)]).toEqual([0.299 * 255, 0.299 * 255, 0.587 * 255, 0.587 * 255]);
  });
});

describe("a fingerprint", () => {
  test("hardly changes with size, encoding and brightness, and differs between pictures", async () => {
    for (const seed of [1, 2, 3]) {
      const image = await scene(seed);
      const own = fingerprint(await decoded(image));
      expect(own).toHaveLength(8);
      const changed = {
        larger: fingerprint(await decodePicture(await image.png().toBuffer(), "scene.png")),
        encoded: fingerprint(
          await decodePicture(await image.jpeg({ quality: 40 }).toBuffer(), "scene.jpg", size),
        ),
        darker: fingerprint(await decoded(image.clone().linear(0.7))),
      };
      for (const [name, print] of Object.entries(changed))
        expect(bitsApart(own, print), name).toBeLessThan(5);
      expect(bitsApart(own, fingerprint(await decoded(await scene(seed + 3))))).toBeGreaterThan(16);
    }
  });

  test("of a mirrored picture has its first half as it was, the second turned over", async () => {
    const { width, height, data } = await decoded(await scene(4));
    const mirrored = picture(width, height);
    for (let i = 0; i < data.length; i++) {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      const x = pixel % width;
      mirrored.data[3 * (pixel - x + width - 1 - x) + channel] = data[i]!;
    }
    const own = fingerprint({ width, height, data });
    const other = fingerprint(mirrored);
    expect(other.subarray(0, 4)).toEqual(own.subarray(0, 4));
    expect(other.subarray(4)).toEqual(own.subarray(4).map((byte) => 255 - byte));
  });

  test("of a blank picture is blank, whatever its colour", () => {
    for (const level of [0, 77, 255])
      expect(fingerprint(picture(50, 40, new Uint8Array(6000).fill(level)))).toEqual(new Uint8Array(8));
  });
});

/** Photos, some of which are held out nearly the same as they are in train. */
async function photos(): Promise<string> {
  const one = await scene(1);
  const files = {
    "train/cat/one.png": await one.png().toBuffer(),
    "train/cat/two.png": await (await scene(2)).png().toBuffer(),
    "train/dog/three.png": await (await scene(3)).png().toBuffer(),
    "train/dog/four.png": await (await scene(4)).png().toBuffer(),
    "train/dog/blank.png": await plain().png().toBuffer(),
    "validation/cat/again.jpg": await one.clone().jpeg({ quality: 60 }).toBuffer(),
    "validation/cat/cut.jpg": await cut(await scene(2), 0.02),
    "validation/cat/another.png": await (await scene(5)).png().toBuffer(),
    "validation/dog/blank.jpg": await plain().jpeg().toBuffer(),
    "validation/dog/another.png": await (await scene(6)).png().toBuffer(),
    "test/cat/misnamed.webp": await (await scene(3)).resize(50, 50, { fit: "fill" }).webp().toBuffer(),
    "test/dog/mirrored.jpg": await (await scene(4)).flop().jpeg().toBuffer(),
  };
  return writeTree(temporaryFolder(), files);
}

/** The data set, and the names of what is read from it. */
function watched(dataset: Dataset): { dataset: Dataset; read: string[] } {
  const read: string[] = [];
  const note: Dataset["read"] = (sample, framing) => {
    read.push(sample.name);
    return dataset.read(sample, framing);
  };
  return { dataset: { ...dataset, read: note }, read };
}

describe("near-duplicates", () => {
  test("are found for what they are, the most alike first, and told", async () => {
    const dataset = await openFolder(await photos());
    const pairs = await findNearDuplicates(dataset, size);
    const told = pairs.map((pair) => [
      pair.split,
      pair.sample.name,
      pair.original.name,
      pair.mirrored,
      labelledOtherwise(pair),
    ]);
    expect(told.toSorted()).toEqual([
      ["test", "test/cat/misnamed.webp", "train/dog/three.png", false, true],
      ["test", "test/dog/mirrored.jpg", "train/dog/four.png", true, false],
      ["validation", "validation/cat/again.jpg", "train/cat/one.png", false, false],
      ["validation", "validation/cat/cut.jpg", "train/cat/two.png", false, false],
    ]);
    const correlations = pairs.map(({ correlation }) => correlation);
    expect(correlations).toEqual(correlations.toSorted((a, b) => b - a));
    expect(correlations[0]).toBeGreaterThan(0.99);
    expect(pairs.at(-1)!.sample.name).toBe("validation/cat/cut.jpg");
    const { remarks, nearDuplicates } = await withNearDuplicates(dataset, size);
    expect(nearDuplicates).toEqual(pairs);
    expect(remarks).toHaveLength(3);
    expect(remarks[0]).toBe(
      "2 pictures of validation nearly the same as one of train, so scores may flatter: " +
        "validation/cat/again.jpg ~ train/cat/one.png and validation/cat/cut.jpg ~ train/cat/two.png",
    );
    expect(remarks[1]).toContain("test/dog/mirrored.jpg ~ train/dog/four.png mirrored");
    expect(remarks[2]).toBe(
      "1 picture of test labelled otherwise than the one of train that is nearly the same: " +
        "test/cat/misnamed.webp ~ train/dog/three.png",
    );
  });

  test("of decoded pictures are found by their fingerprints: no other file is read", async () => {
    const folder = await openFolder(await photos());
    const { dataset, read } = watched(await preload(folder, size));
    expect(dataset.fingerprints!.size).toBe(12);
    const told: number[] = [];
    const pairs = await findNearDuplicates(dataset, size, (done) => told.push(done));
    expect(told).toEqual([]);
    expect(pairs).toHaveLength(4);
    const compared = pairs.flatMap(({ sample, original }) => [sample.name, original.name]);
    expect(compared).toEqual(expect.arrayContaining(read.filter((name) => !name.includes("blank"))));
    expect(pairs).toEqual(await findNearDuplicates(folder, size));
  });

  test("cannot be of a picture that cannot be read, which others do not suffer from", async () => {
    const root = await photos();
    const whole = readFileSync(join(root, "validation/cat/again.jpg"));
    writeTree(root, { "validation/cat/again.jpg": whole.subarray(0, whole.length / 2) });
    const pairs = await findNearDuplicates(await openFolder(root), size);
    expect(pairs.map(({ sample }) => sample.name).toSorted()).toEqual([
      "test/cat/misnamed.webp",
      "test/dog/mirrored.jpg",
      "validation/cat/cut.jpg",
    ]);
  });

  test("there are none where nothing is held out, or nothing was learnt, and nothing is read for that", async () => {
    const { splits, ...rest } = await openFolder(await photos());
    for (const kept of [
      { ...splits, validation: [], test: [] },
      { ...splits, train: [] },
    ]) {
      const { dataset, read } = watched({ ...rest, splits: kept });
      expect(await findNearDuplicates(dataset, size)).toEqual([]);
      expect(read).toEqual([]);
    }
  });

  test("many are named in part", async () => {
    const { splits, ...rest } = await openFolder(await photos());
    const copies = Array.from({ length: 5 }, (_, i) => ({ ...splits.train[0]!, name: `copy ${i}` }));
    const read: Dataset["read"] = (_, framing) => rest.read(splits.train[0]!, framing);
    const { remarks } = await withNearDuplicates(
      { ...rest, read, splits: { ...splits, validation: copies, test: [] } },
      size,
    );
    expect(remarks[0]).toMatch(/^5 pictures of validation .*: copy 0 ~ .* and 2 more$/);
  });
});

describe.skipIf(!shared)("near-duplicates of real photos", () => {
  test("are found however they were changed, and no other", async () => {
    const folder = join(shared!, "data/cats-vs-dogs/validation/cats");
    const train = readdirSync(folder)
      .slice(0, 60)
      .map((name) => ({ name, label: 0, hash: name }));
    const validation = train.map(({ name }) => ({
      name: `changed ${name}`,
      label: 0,
      hash: `changed ${name}`,
    }));
    const changes: Record<string, (image: Sharp) => Sharp> = {
      encoded: (image) => image.jpeg({ quality: 40 }),
      brighter: (image) => image.modulate({ brightness: 1.2 }),
      smaller: (image) => image.resize({ width: 120 }),
      grey: (image) => image.greyscale(),
      mirrored: (image) => image.flop(),
    };
    for (const [name, change] of Object.entries(changes)) {
      const dataset: Dataset = {
        source: folder,
        classes: ["cat", "dog"],
        splits: { train, validation, test: [] },
        remarks: [],
        read: async (sample, framing) => {
          const bytes = readFileSync(join(folder, sample.name.replace("changed ", "")));
          const asked = sample.name.startsWith("changed") ? await change(sharp(bytes)).toBuffer() : bytes;
          return decodePicture(asked, sample.name, framing);
        },
      };
      const pairs = await findNearDuplicates(dataset, { width: 150, height: 150 });
      expect(pairs.map(({ sample }) => sample.name).toSorted(), name).toEqual(
        pairs.map(({ original }) => `changed ${original.name}`).toSorted(),
      );
      expect(pairs.length, name).toBe(train.length);
      expect(pairs.every(({ mirrored }) => mirrored === (name === "mirrored"))).toBe(true);
    }
  });
});
