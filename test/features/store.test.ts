import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFeatureStore } from "../../src/features/store.node.ts";
import { type FeatureRecord, type FeatureStore, memoryFeatureStore } from "../../src/features/store.ts";
import { temporaryFolder } from "../data/files.ts";

const key = "c5".repeat(32);
const format = { key, size: 3 };
/** Bytes of a header, and of a record of 3 numbers. */
const HEADER = 48;
const RECORD = 56;

/** What is kept of the picture `index`; of a built-in one with a hash of 32 digits. */
const record = (index: number, digits = 64): FeatureRecord => ({
  hash: (index + 1)
    .toString(16)
    .padStart(2, "0")
    .repeat(digits / 2),
  features: Float32Array.of(index, index + 0.25, -index / 3),
  fingerprint: Uint8Array.from({ length: 8 }, (_, i) => (17 * index + i) % 256),
});

const records = [0, 1, 2, 3].map((index) => record(index));
const all = new Set(records.map(({ hash }) => hash));
const byHash = (list: readonly FeatureRecord[]) => new Map(list.map((one) => [one.hash, one]));

/** A folder with the four records in a file, added two by two, and the path of that file. */
async function kept(): Promise<{ folder: string; path: string }> {
  const folder = temporaryFolder();
  const store = openFeatureStore({ folder, ...format });
  await store.add(records.slice(0, 2));
  await store.add(records.slice(2));
  const place = join(folder, "features", key);
  return { folder, path: join(place, readdirSync(place)[0]!) };
}

describe.each([
  ["in files", () => openFeatureStore({ folder: temporaryFolder(), ...format })],
  ["in memory", memoryFeatureStore],
] as const)("a store %s", (_, open: () => FeatureStore) => {
  test("gives what it was given, of those that are asked for", async () => {
    const store = open();
    expect(await store.load(all)).toEqual(new Map());
    await store.add(records);
    await store.add([record(9, 32)]);
    expect(await store.load(all)).toEqual(byHash(records));
    const some = new Set([records[2]!.hash, record(9, 32).hash, record(7).hash]);
    expect(await store.load(some)).toEqual(byHash([records[2]!, record(9, 32)]));
    expect(store.remarks).toEqual([]);
  });
});

test("another store of the same folder and key reads what the first kept; of another key nothing", async () => {
  const { folder } = await kept();
  const again = openFeatureStore({ folder, ...format });
  expect(await again.load(all)).toEqual(byHash(records));
  const other = openFeatureStore({ folder, key: "d6".repeat(32), size: 3 });
  expect(await other.load(all)).toEqual(new Map());
  expect([...again.remarks, ...other.remarks]).toEqual([]);
});

test("a file is laid out as it says", async () => {
  const { path } = await kept();
  const bytes = readFileSync(path);
  expect(bytes.length).toBe(HEADER + 4 * RECORD);
  expect(bytes.toString("latin1", 0, 8)).toBe("CVSFEATS");
  expect([bytes.readUInt32LE(8), bytes.readUInt32LE(12), bytes.toString("hex", 16, HEADER)]).toEqual([
    1,
    3,
    key,
  ]);
  const last = bytes.subarray(HEADER + 3 * RECORD);
  expect(last.toString("hex", 0, 32)).toBe("04".repeat(32));
  expect([...last.subarray(32, 40)]).toEqual([51, 52, 53, 54, 55, 56, 57, 58]);
  expect([40, 44, 48].map((at) => last.readFloatLE(at))).toEqual([3, 3.25, -1]);
});

test("two stores that keep the same at once leave both whole", async () => {
  const folder = temporaryFolder();
  const stores = [1, 2].map(() => openFeatureStore({ folder, ...format }));
  for (const one of records) await Promise.all(stores.map((store) => store.add([one])));
  for (const store of [...stores, openFeatureStore({ folder, ...format })]) {
    expect(await store.load(all)).toEqual(byHash(records));
    expect(store.remarks).toEqual([]);
  }
  expect(readdirSync(join(folder, "features", key))).toHaveLength(2);
});

test("a file that ends anywhere gives the records before its end, and is told of unless it ends between two", async () => {
  const { folder, path } = await kept();
  for (let length = HEADER + 4 * RECORD - 1; length >= 0; length--) {
    truncateSync(path, length);
    const store = openFeatureStore({ folder, ...format });
    const whole = Math.max(0, Math.floor((length - HEADER) / RECORD));
    expect(await store.load(all)).toEqual(byHash(records.slice(0, whole)));
    const even = length === 0 || (length >= HEADER && (length - HEADER) % RECORD === 0);
    expect(store.remarks).toEqual(
      even
        ? []
        : [
            expect.stringMatching(
              /^Of the features in .*\.features is cut short; what is missing is computed again\.$/,
            ),
          ],
    );
  }
});

test("a damaged byte costs its record, or the file if it is the header's; another file mends it without a word", async () => {
  const { folder, path } = await kept();
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += at < HEADER ? 3 : 5) {
    writeFileSync(path, bytes.with(at, bytes[at]! ^ 4));
    const hit = Math.floor((at - HEADER) / RECORD);
    const store = openFeatureStore({ folder, ...format });
    expect(await store.load(all)).toEqual(byHash(at < HEADER ? [] : records.toSpliced(hit, 1)));
    const flaw = at < HEADER ? "is damaged or of another version" : "has 1 damaged record";
    expect(store.remarks).toEqual([expect.stringContaining(`.features ${flaw}; what`)]);
  }
  await openFeatureStore({ folder, ...format }).add(records);
  const store = openFeatureStore({ folder, ...format });
  expect(await store.load(all)).toEqual(byHash(records));
  expect(store.remarks).toEqual([]);
});

test("a file of another version or another F is passed over, and told of", async () => {
  for (const at of [8, 12]) {
    const { folder, path } = await kept();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.with(at, bytes[at]! + 1));
    const store = openFeatureStore({ folder, ...format });
    expect(await store.load(all)).toEqual(new Map());
    expect(store.remarks).toEqual([expect.stringContaining("is damaged or of another version")]);
  }
});

test("what is no file of features, or cannot be read, is in nobody's way", async () => {
  const { folder, path } = await kept();
  mkdirSync(`${path}.features`);
  writeFileSync(join(path, "../notes.txt"), "CVSFEATS");
  const store = openFeatureStore({ folder, ...format });
  expect(await store.load(all)).toEqual(byHash(records));
  expect(store.remarks).toEqual([]);
});

test("a file where the folder should be: one remark, and nothing is kept", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "features"), "");
  const store = openFeatureStore({ folder, ...format });
  expect(await store.load(all)).toEqual(new Map());
  await store.add(records);
  await store.add(records);
  expect(store.remarks).toEqual([
    `Features are not kept in ${join(folder, "features", key)}: a file stands where a folder is needed; choose another folder.`,
  ]);
});

test("a full disk: one remark, and what was kept before it was full stays whole", async ({ skip }) => {
  const folder = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    skip("no small file system can be mounted here");
  }
  onTestFinished(() => void execFileSync("umount", [folder]));
  const size = 5000;
  const large = Array.from({ length: 6 }, (_, index): FeatureRecord => {
    const features = Float32Array.from({ length: size }, (_, i) => index + i);
    return { ...record(index), features };
  });
  const store = openFeatureStore({ folder, key, size });
  for (let at = 0; at < 6; at += 2) await store.add(large.slice(at, at + 2));
  expect(store.remarks).toEqual([
    `Features are not kept in ${join(folder, "features", key)}: the disk is full; free some space.`,
  ]);
  const again = openFeatureStore({ folder, key, size });
  expect(await again.load(new Set(large.map(({ hash }) => hash)))).toEqual(byHash(large.slice(0, 2)));
  expect(again.remarks).toEqual([]);
});

test("files that are larger than what is read at once", async () => {
  const folder = temporaryFolder();
  const size = 100_000;
  const large = Array.from(
    { length: 100 },
    (_, index): FeatureRecord => ({
      ...record(index),
      features: new Float32Array(size).fill(index),
    }),
  );
  const store = openFeatureStore({ folder, key, size });
  await store.add(large);
  const found = await store.load(new Set(large.map(({ hash }) => hash)));
  expect([...found.values()].map(({ features }) => [features[0], features.at(-1)])).toEqual(
    large.map((_, index) => [index, index]),
  );
  expect(store.remarks).toEqual([]);
});
