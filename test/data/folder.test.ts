import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Dataset, SplitName } from "../../src/data/dataset.ts";
import { type FolderOptions, openFolder } from "../../src/data/folder.node.ts";
import { batches, loadPictures } from "../../src/data/loader.ts";
import { preload } from "../../src/data/preload.ts";
import { shared } from "../shared.ts";
import { jpeg, plain, temporaryFolder, writeTree } from "./files.ts";

/** Thirty different photos. */
let photos: Uint8Array[];
beforeAll(async () => {
  photos = await Promise.all(Array.from({ length: 30 }, (_, seed) => jpeg(seed)));
});

/** A folder with `counts` photos each, all different: `{ "cats/%.jpg": 3 }` writes cats/0.jpg to cats/2.jpg. */
function album(
  counts: Readonly<Record<string, number>>,
  others: Readonly<Record<string, Uint8Array | string>> = {},
) {
  let next = 0;
  const files = Object.entries(counts).flatMap(([pattern, count]) =>
    Array.from({ length: count }, (_, i) => [pattern.replace("%", String(i)), photos[next++]!] as const),
  );
  return writeTree(temporaryFolder(), { ...Object.fromEntries(files), ...others });
}

const names = (data: Dataset, split: SplitName): string[] => data.splits[split].map(({ name }) => name);
const size = { width: 10, height: 10 };

async function message(folder: string, options?: FolderOptions): Promise<string> {
  const error = await openFolder(folder, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return (error as Error).message.replaceAll(folder, "DIR");
}

describe("layouts", () => {
  test("a folder per class, split by the seed", async () => {
    const folder = album({ "dogs/%.jpg": 10, "cats/%.jpg": 15 });
    const data = await openFolder(`${folder}/`, { seed: 3 });
    expect(data).toMatchObject({ source: folder, classes: ["cats", "dogs"], remarks: [] });
    const { train, validation, test } = data.splits;
    expect([train.length, validation.length, test.length]).toEqual([20, 5, 0]);
    expect(validation.map(({ label }) => label)).toEqual([0, 0, 0, 1, 1]);
    expect(new Set([...train, ...validation].map(({ name }) => name)).size).toBe(25);
    expect(train.every(({ name, label }) => name.startsWith(label ? "dogs/" : "cats/"))).toBe(true);

    expect((await openFolder(folder, { seed: 3 })).splits).toEqual(data.splits);
    expect((await openFolder(folder, { seed: 4 })).splits.validation).not.toEqual(validation);
    const third = await openFolder(folder, { validationFraction: 1 / 3 });
    expect([third.splits.train.length, third.splits.validation.length]).toEqual([17, 8]);
    const all = await openFolder(folder, { validationFraction: 0 });
    expect([all.splits.train.length, all.splits.validation.length]).toEqual([25, 0]);
  });

  test("train, validation and test folders", async () => {
    for (const validation of ["validation", "val", "valid", "Validation"]) {
      const data = await openFolder(
        album({
          "train/cats/%.jpg": 3,
          "train/dogs/%.jpg": 4,
          [`${validation}/cats/%.jpg`]: 1,
          [`${validation}/dogs/%.jpg`]: 2,
          "test/dogs/%.jpg": 1,
          "test/cats/%.jpg": 1,
        }),
      );
      expect(data.classes).toEqual(["cats", "dogs"]);
      expect(data.remarks).toEqual([]);
      expect(names(data, "train").length).toBe(7);
      expect(names(data, "validation")).toEqual(
        [0, 1, 2].map((i) => `${validation}/${i ? "dogs" : "cats"}/${i && i - 1}.jpg`),
      );
      expect(names(data, "test")).toEqual(["test/cats/0.jpg", "test/dogs/0.jpg"]);
    }
  });

  test("train and test alone: validation comes out of train", async () => {
    const data = await openFolder(
      album({ "train/a/%.jpg": 5, "train/b/%.jpg": 5, "test/a/%.jpg": 1, "test/b/%.jpg": 1 }),
    );
    expect(Object.values(data.splits).map(({ length }) => length)).toEqual([8, 2, 2]);
    expect(names(data, "validation").every((name) => name.startsWith("train/"))).toBe(true);
  });

  test("Kaggle's flat names, at the top and in train; its unlabelled test pictures are passed over", async () => {
    const flat = await openFolder(album({ "cat.%.jpg": 10, "dog.%.jpg": 5 }, { "sample.2.txt": "text" }));
    expect(flat.classes).toEqual(["cat", "dog"]);
    expect(Object.values(flat.splits).map(({ length }) => length)).toEqual([12, 3, 0]);
    expect(flat.remarks).toEqual(["1 file passed over, no labelled pictures: sample.2.txt"]);
    const kaggle = await openFolder(
      album({ "train/cat.%.jpg": 10, "train/dog.%.jpg": 5, "test/%.jpg": 2, "test1/%.jpg": 1 }),
    );
    expect(Object.values(kaggle.splits).map(({ length }) => length)).toEqual([12, 3, 0]);
    expect(kaggle.remarks).toEqual([
      "3 files passed over, no labelled pictures: test/0.jpg, test/1.jpg and test1/0.jpg",
    ]);
  });

  test("links are followed", async () => {
    const real = album({ "cats/%.jpg": 3, "dogs/%.jpg": 3 });
    const folder = temporaryFolder();
    symlinkSync(join(real, "cats"), join(folder, "cats"));
    mkdirSync(join(folder, "dogs"));
    for (const name of ["0.jpg", "1.jpg"]) symlinkSync(join(real, "dogs", name), join(folder, "dogs", name));
    symlinkSync(join(real, "nowhere.jpg"), join(folder, "dogs", "gone.jpg"));
    const data = await openFolder(folder);
    expect(names(data, "train").length + names(data, "validation").length).toBe(5);
    expect(data.remarks).toEqual([
      "1 broken file skipped",
      `${folder}/dogs/gone.jpg does not exist; check the path`,
    ]);
  });
});

describe("what is passed over, skipped and found twice", () => {
  test("leftovers are counted, broken pictures are named", async () => {
    const folder = album(
      { "cats/%.jpg": 4, "dogs/%.JPG": 4 },
      {
        "README.md": "photos",
        "cats/Thumbs.db": "thumbs",
        "cats/.DS_Store": "store",
        "cats/notes.txt": "notes",
        ".git/config": "config",
        "__MACOSX/cats/._0.jpg": "fork",
        "cats/text.jpg": "a text",
        "dogs/empty.png": "",
        "dogs/without-extension": photos[29]!,
        "dogs/cut": photos[28]!.subarray(0, 100),
      },
    );
    const data = await openFolder(folder, { validationFraction: 0.25 });
    expect(data.classes).toEqual(["cats", "dogs"]);
    expect([...names(data, "train"), ...names(data, "validation")]).toContain("dogs/without-extension");
    expect(data.remarks).toEqual([
      "3 broken files skipped",
      `${folder}/cats/text.jpg is not a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP); replace or remove it`,
      `${folder}/dogs/cut is cut short; copy it again or remove it`,
      `${folder}/dogs/empty.png is empty; replace or remove it`,
      "4 files passed over, no labelled pictures: README.md, cats/.DS_Store, cats/Thumbs.db and cats/notes.txt",
    ]);
  });

  test("the same content in two splits stays in the one held out", async () => {
    const copy = (split: string) => ({ [`${split}/cats/copy-${split}.jpg`]: photos[0]! });
    const data = await openFolder(
      album(
        {
          "train/cats/%.jpg": 3,
          "train/dogs/%.jpg": 3,
          "validation/cats/%.jpg": 2,
          "validation/dogs/%.jpg": 2,
        },
        {
          ...copy("validation"),
          ...copy("test"),
          "train/dogs/again.jpg": photos[3]!,
          "train/cats/torn.jpg": photos[4]!,
        },
      ),
    );
    expect(names(data, "train")).not.toContain("train/cats/0.jpg");
    expect(names(data, "validation")).not.toContain("validation/cats/copy-validation.jpg");
    expect(names(data, "test")).toEqual(["test/cats/copy-test.jpg"]);
    expect(names(data, "train").length).toBe(7);
    expect(data.remarks).toEqual([
      "1 picture left out of validation, with the same content as one held out: validation/cats/copy-validation.jpg = test/cats/copy-test.jpg",
      "1 picture left out of train, with the same content as one held out: train/cats/0.jpg = validation/cats/copy-validation.jpg",
      "2 pictures of train repeated, and kept: train/dogs/1.jpg = train/cats/torn.jpg and train/dogs/again.jpg = train/dogs/0.jpg",
      "1 picture of train with two labels: train/dogs/1.jpg = train/cats/torn.jpg",
      'test has no pictures of the class "dogs"',
    ]);
  });

  test("our own split keeps copies on one side", async () => {
    const copies = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`cats/copy${i}.jpg`, photos[i % 4]!]),
    );
    const data = await openFolder(album({ "cats/%.jpg": 4, "dogs/%.jpg": 4 }, copies), {
      validationFraction: 0.5,
    });
    const hashes = (split: SplitName) => new Set(data.splits[split].map(({ hash }) => hash));
    expect([...hashes("train")].filter((hash) => hashes("validation").has(hash))).toEqual([]);
    expect(Object.values(data.splits).map(({ length }) => length)).toEqual([8, 8, 0]);
  });
});

describe("errors", () => {
  test.each<[string, Record<string, number>, Record<string, string>, string]>([
    ["one class", { "cats/%.jpg": 2 }, {}, 'DIR has one class only, "cats"; add a second one'],
    [
      "an empty class",
      { "cats/%.jpg": 2, "dogs/%.jpg": 2 },
      { "birds/": "" },
      'the class "birds" of DIR has no pictures; add some or remove its folder',
    ],
    [
      "an empty class in train",
      { "train/cats/%.jpg": 2, "train/dogs/%.jpg": 2, "validation/cats/%.jpg": 1 },
      { "train/birds/": "" },
      'the class "birds" of DIR has no pictures; add some or remove its folder',
    ],
    [
      "a class in validation alone",
      { "train/cats/%.jpg": 2, "train/dogs/%.jpg": 2, "val/birds/%.jpg": 1 },
      {},
      'the class "birds" of DIR is in validation but not in train; add pictures of it to train, or remove it',
    ],
    [
      "nothing",
      {},
      {},
      "DIR holds no labelled pictures; it needs a folder per class, train and validation folders with a folder per class, or files named like cat.0.jpg",
    ],
    [
      "unlabelled pictures",
      { "IMG_%.jpg": 3 },
      {},
      "DIR holds no labelled pictures; it needs a folder per class, train and validation folders with a folder per class, or files named like cat.0.jpg",
    ],
    [
      "folders too deep",
      { "cats/indoor/%.jpg": 2, "dogs/%.jpg": 2 },
      {},
      "DIR/cats/indoor/0.jpg lies too deep: pictures belong right in their class's folder; move them up, or name the folder that holds the class folders",
    ],
    [
      "a folder around it all",
      { "photos/train/cats/%.jpg": 2, "photos/train/dogs/%.jpg": 2 },
      {},
      "DIR/photos/train/cats/0.jpg lies too deep: pictures belong right in their class's folder; move them up, or name the folder that holds the class folders",
    ],
    [
      "no train",
      { "val/cats/%.jpg": 2, "val/dogs/%.jpg": 2 },
      {},
      "DIR has val but no train; add it, or name the folder that holds the class folders",
    ],
    [
      "two validations",
      { "train/cats/%.jpg": 2, "train/dogs/%.jpg": 2 },
      { "val/": "", "valid/": "" },
      "DIR has both val and valid; keep one of them",
    ],
    [
      "a single picture of a class",
      { "cats/%.jpg": 2, "dogs/%.jpg": 1 },
      {},
      'the class "dogs" has a single picture, which cannot be split; add more',
    ],
    [
      "nothing but broken pictures",
      { "cats/%.jpg": 2 },
      { "dogs/0.jpg": "a text" },
      'the class "dogs" of DIR has no pictures; add some or remove its folder (1 broken file skipped; the first: ' +
        "DIR/dogs/0.jpg is not a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP); replace or remove it)",
    ],
  ])("%s", async (_, counts, others, expected) => {
    expect(await message(album(counts, others))).toBe(expected);
  });

  test("a folder that is missing, or is none", async () => {
    const folder = writeTree(temporaryFolder(), { "cat.jpg": photos[0]! });
    expect(await message(join(folder, "no"))).toBe("DIR does not exist; check the path");
    expect(await message(join(folder, "cat.jpg"))).toBe(
      "DIR is not a folder; name the folder that holds the pictures",
    );
  });

  test.skipIf(process.platform === "win32")("a class folder without permission", async () => {
    const folder = album({ "cats/%.jpg": 2 });
    mkdirSync(join(folder, "dogs"), { mode: 0o000 });
    const root = process.geteuid!() === 0;
    if (root) {
      chmodSync(folder, 0o755);
      process.seteuid!(65534);
    }
    try {
      expect(await message(folder)).toBe("DIR/dogs may not be read; change its permissions");
    } finally {
      if (root) process.seteuid!(0);
      chmodSync(join(folder, "dogs"), 0o755);
    }
  });

  test("a fraction that is none", async () => {
    expect(await message(album({ "cats/%.jpg": 1 }), { validationFraction: 1 })).toBe(
      "the validation fraction is 1; it must lie in [0, 1)",
    );
  });
});

describe("preload", () => {
  test("leaves broken pictures out before training, by name", async () => {
    const cut = photos[20]!.subarray(0, photos[20]!.length - 40);
    const folder = album({ "cats/%.jpg": 5, "dogs/%.jpg": 5 }, { "cats/cut.jpg": cut });
    const data = await openFolder(folder, { validationFraction: 0 });
    expect(data.remarks).toEqual([]);
    expect(names(data, "train")).toContain("cats/cut.jpg");
    const calls: [number, number][] = [];
    const loaded = await preload(data, size, { progress: (...call) => calls.push(call) });
    expect(calls.length).toBe(11);
    expect(calls.at(-1)).toEqual([11, 11]);
    expect(names(loaded, "train").length).toBe(10);
    expect(names(loaded, "train")).not.toContain("cats/cut.jpg");
    expect(loaded.remarks).toEqual([
      "1 broken picture skipped",
      `${folder}/cats/cut.jpg is cut short; copy it again or remove it`,
    ]);
  });

  test("answers with the same pictures, from memory up to the limit", async () => {
    const folder = album({ "cats/%.jpg": 3, "dogs/%.jpg": 3 });
    const data = await openFolder(folder, { validationFraction: 0 });
    let reads = 0;
    const counted: Dataset = {
      ...data,
      read: (...wanted) => {
        reads++;
        return data.read(...wanted);
      },
    };
    const loaded = await preload(counted, size, { limit: 4 * 300 });
    expect(reads).toBe(6);
    for (const sample of loaded.splits.train)
      expect(await loaded.read(sample, size)).toEqual(await data.read(sample, size));
    expect(reads).toBe(8);
    expect((await loaded.read(loaded.splits.train[0]!, { width: 7, height: 5 })).data.length).toBe(105);
  });

  test("a class of broken pictures is an error with its reason", async () => {
    const cut = photos[20]!.subarray(0, photos[20]!.length - 40);
    const folder = album({ "cats/%.jpg": 2 }, { "dogs/0.jpg": cut });
    const data = await openFolder(folder, { validationFraction: 0 });
    await expect(preload(data, size)).rejects.toThrow(
      `the class "dogs" of ${folder} has no pictures; add some or remove its folder (1 broken file skipped; the first: ` +
        `${folder}/dogs/0.jpg is cut short; copy it again or remove it)`,
    );
  });

  test("a picture that vanishes after that ends the epoch with its name", async () => {
    const folder = album({ "cats/%.png": 1 }, { "dogs/0.png": await plain().png().toBuffer() });
    const data = await preload(await openFolder(folder, { validationFraction: 0 }), size, { limit: 0 });
    writeTree(folder, { "dogs/0.png": "gone" });
    const epoch = batches(data, "train", (samples) => loadPictures(data, samples, size), { batch: 1 });
    expect((await epoch.next()).value?.samples.map(({ label }) => label)).toEqual([0]);
    await expect(epoch.next()).rejects.toThrow(/dogs\/0\.png is not a picture/);
  });
});

describe.skipIf(!shared)("real photos", () => {
  test("cats and dogs, with their own splits", async () => {
    const begin = performance.now();
    const data = await openFolder(join(shared!, "data/cats-vs-dogs"));
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(data.classes).toEqual(["cats", "dogs"]);
    expect(Object.values(data.splits).map(({ length }) => length)).toEqual([4000, 999, 999]);
    expect(data.remarks).toEqual([]);
    expect((await data.read(data.splits.test[0]!, size)).data.length).toBe(300);
  }, 30_000);

  test("Kaggle's own files, all whole", async () => {
    const data = await preload(await openFolder(join(shared!, "data/kaggle-original")), size);
    expect(data.classes).toEqual(["cat", "dog"]);
    expect(Object.values(data.splits).map(({ length }) => length)).toEqual([320, 80, 0]);
    expect(data.remarks).toEqual([]);
  }, 30_000);
});
