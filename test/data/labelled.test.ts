import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Dataset, SplitName } from "../../src/data/dataset.ts";
import { type LabelledOptions, openLabelled } from "../../src/data/labelled.node.ts";
import { preload } from "../../src/data/preload.ts";
import { jpeg, temporaryFolder, writeTree } from "./files.ts";

/** A hundred different photos. */
let photos: Uint8Array[];
beforeAll(async () => {
  photos = await Promise.all(Array.from({ length: 100 }, (_, seed) => jpeg(seed)));
});

/** Photos `0.jpg`, `1.jpg`, … with a table beside them, and what opening them gives. */
function folderOf(table: string, count = 4): string {
  const files = Array.from({ length: count }, (_, at) => [`${at}.jpg`, photos[at]!] as const);
  return writeTree(temporaryFolder(), { ...Object.fromEntries(files), "labels.csv": table });
}

const open = (folder: string, options?: LabelledOptions): Promise<Dataset> =>
  openLabelled(folder, join(folder, "labels.csv"), options);

async function message(table: string, options?: LabelledOptions, count?: number): Promise<string> {
  const folder = folderOf(table, count);
  const error = await open(folder, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return (error as Error).message.replaceAll(`${folder}/`, "").replaceAll(folder, "DIR");
}

const names = (data: Dataset, split: SplitName): string[] => data.splits[split].map(({ name }) => name);
const valuesOf = ({ splits }: Dataset): (readonly number[])[] =>
  [...splits.train, ...splits.validation, ...splits.test].map(({ values }) => values!);

describe("tables", () => {
  test("a column for each label, and their own splits", async () => {
    const data = await open(
      folderOf(
        "split,cat,file,on grass\r\ntrain,1,0.jpg,0\r\nval,0,1.jpg,1\r\ntrain,0,./2.jpg,1\r\nTest,true,3.jpg,False\r\n",
      ),
    );
    expect(data).toMatchObject({
      task: "multi-label",
      classes: ["cat", "on grass"],
      remarks: [
        'validation has no pictures with the label "cat"',
        'test has no pictures with the label "on grass"',
      ],
      splits: {
        train: [
          { name: "0.jpg", label: -1, values: [1, 0] },
          { name: "2.jpg", label: -1, values: [0, 1] },
        ],
        validation: [{ name: "1.jpg", values: [0, 1] }],
        test: [{ name: "3.jpg", values: [1, 0] }],
      },
    });
    expect((await data.read(data.splits.test[0]!, { width: 5, height: 4 })).data).toHaveLength(60);
  });

  test("a column of names, set apart in one of three ways", async () => {
    for (const lists of [
      ["dog|wet fur", "cat", "", "wet fur | cat"],
      ["dog;wet fur", "cat", "", "wet fur; cat"],
      ["dog wet-fur", "cat", " ", "wet-fur  cat"],
    ]) {
      const table = `photo,Labels\n${lists.map((list, at) => `${at}.jpg,"${list}"\n`).join("")}`;
      const data = await open(folderOf(table), { validationFraction: 0 });
      expect(data.classes).toEqual(["cat", "dog", expect.stringMatching(/^wet.fur$/)]);
      expect(valuesOf(data)).toEqual([
        [0, 1, 1],
        [1, 0, 0],
        [0, 0, 0],
        [1, 0, 1],
      ]);
    }
  });

  test("numbers, as a spreadsheet of a country with decimal commas writes them", async () => {
    const folder = folderOf('\uFEFFimage;age;height\n0.jpg;3;1,5\n1.jpg;4;"-2"\n2.jpg;5;1e3\n3.jpg;6;0,25\n');
    const data = await open(folder, { target: "height", validationFraction: 0 });
    expect(data).toMatchObject({ task: "regression", classes: ["height"] });
    expect(valuesOf(data)).toEqual([[1.5], [-2], [1000], [0.25]]);
  });

  test("one class a photo, under a name that says so or one that is given", async () => {
    const table = "file,class\n0.jpg,dog\n1.jpg,cat\n2.jpg,cat\n3.jpg,dog\n";
    const expected = { task: "single-label", classes: ["cat", "dog"] };
    const found = await open(folderOf(table), { validationFraction: 0 });
    expect(found).toMatchObject(expected);
    expect(found.splits.train.map(({ label }) => label)).toEqual([1, 0, 0, 1]);
    const told = await open(folderOf(table.replace("class", "species")), {
      ...{ task: "single-label", target: "species", validationFraction: 0 },
    });
    expect(told).toMatchObject(expected);
  });

  test("quotes as in RFC 4180", async () => {
    const folder = writeTree(temporaryFolder(), {
      'a, "b"\n.jpg': photos[0]!,
      "c.jpg": photos[1]!,
      "labels.csv": 'file,"the ""x"", or\nnot"\n"a, ""b""\n.jpg",1\n\n"c.jpg" , 0\n',
    });
    const data = await open(folder, { validationFraction: 0 });
    expect(names(data, "train")).toEqual(['a, "b"\n.jpg', "c.jpg"]);
    expect(data.classes).toEqual(['the "x", or\nnot']);
  });
});

describe("what is wrong with a table is said with its line", () => {
  const bits = "file,cat\n0.jpg,1\n1.jpg,0\n";
  test.each([
    ["", "labels.csv is empty; give a line with the names of its columns, then one for each photo."],
    ["file,cat\n\n", "labels.csv lists no photos; give a line for each."],
    ["file\n0.jpg\n", "labels.csv does not show"],
    ["file,cat,cat\n0.jpg,1,0\n", 'labels.csv has two columns "cat"; give each a name of its own.'],
    [`${bits}2.jpg\n`, 'labels.csv, line 4: there is 1 field for 2 columns; quote those that hold a ",".'],
    [
      `${bits}"2.jpg,1\n`,
      "labels.csv, line 4: a field's quotes do not end where it ends; double those within it.",
    ],
    [`${bits}1.jpg,1\n`, "labels.csv, line 4: 1.jpg is in line 3 already; leave one of the two."],
    [`${bits},1\n`, "labels.csv, line 4: there is no photo's name; give it, or remove the line."],
    [
      `${bits}../2.jpg,1\n`,
      "labels.csv, line 4: ../2.jpg is not in the photos' folder; name photos relative to it.",
    ],
    [
      `${bits}7.jpg,1\n\n8.jpg,0\n`,
      "labels.csv names 2 photos that are not in DIR, the first in line 4: 7.jpg; name them relative to it.",
    ],
    [
      "file,split,cat\n0.jpg,train,1\n1.jpg,dev,0\n",
      'labels.csv, line 3: the split is "dev"; it must be train, validation or test.',
    ],
    [
      "file,cat,age\n0.jpg,1,31\n1.jpg,0,40\n",
      'labels.csv does not show what is to be learnt: it has no column "label" or "labels", and its others hold more than 0 and 1; name the task, or a column of numbers as the target.',
    ],
    [
      "file,label\n0.jpg,cat\n1.jpg,\n",
      "labels.csv, line 3: the photo has no class; give it, or remove the line.",
    ],
  ])("%j", async (table, expected) => {
    expect(await message(table)).toContain(expected);
  });

  test("also of the task that was asked for", async () => {
    const table = "file,cat,age\n0.jpg,1,31\n1.jpg,0,old\n";
    expect(await message(table, { task: "multi-label" })).toBe(
      'labels.csv, line 2: the label "age" is "31"; it must be 0 or 1.',
    );
    expect(await message(table, { target: "age" })).toBe(
      'labels.csv, line 3: "age" is "old"; it must be a number.',
    );
    expect(await message(table, { target: "agge" })).toBe(
      'labels.csv has no column "agge"; did you mean "age"?',
    );
    expect(await message(table, { task: "regression" })).toBe(
      "labels.csv does not say which column holds the numbers; name one of cat and age as the target.",
    );
    expect(await message(table, { validationFraction: 1 })).toContain("must lie in [0, 1)");
  });
});

describe("what there is to learn", () => {
  const table = (...rows: string[]): string =>
    `file,split,cat,dog\n${rows.map((row, at) => `${at}.jpg,${row}\n`).join("")}`;

  test("labels that train does not have, has always, or has and validation has not", async () => {
    expect(await message(table("train,1,0", "train,0,0", "val,1,1", "test,0,1"))).toBe(
      'the label "dog" of labels.csv is set in validation and test but not in train; set it for photos of train, or leave it out',
    );
    expect(await message(table("train,1,0", "train,0,0", "val,1,0"), {}, 3)).toBe(
      'the label "dog" of labels.csv is set for no photo of train, so there is nothing to learn of it; leave it out, or add others',
    );
    expect(await message(table("train,1,1", "train,1,0", "val,1,0"), {}, 3)).toContain(
      'the label "cat" of labels.csv is set for every photo of train',
    );
    const data = await open(folderOf(table("train,1,0", "train,0,1", "val,1,0")));
    expect(data.remarks).toEqual(['validation has no pictures with the label "dog"']);
  });

  test("a number that is always the same", async () => {
    expect(await message("file,x,split\n0.jpg,5,train\n1.jpg,5,train\n2.jpg,6,val\n", { target: "x" })).toBe(
      '"x" is the same for every picture of labels.csv in train, so there is nothing to learn; add others',
    );
  });

  test("broken photos are left out, copies kept out of train", async () => {
    const folder = writeTree(temporaryFolder(), {
      "a.jpg": photos[0]!,
      "b.jpg": photos[1]!,
      "c.jpg": photos[2]!,
      "copy.jpg": photos[2]!,
      "cut.jpg": photos[3]!.slice(0, -200),
      "empty.jpg": "",
      "labels.csv":
        "file,split,cat\na.jpg,train,1\nb.jpg,train,0\ncopy.jpg,train,0\nc.jpg,val,1\nempty.jpg,train,1\ncut.jpg,train,1\n",
    });
    const data = await preload(await open(folder), { width: 8, height: 8 });
    expect(names(data, "train")).toEqual(["a.jpg", "b.jpg"]);
    expect(data.remarks.join("\n")).toMatch(/empty\.jpg .*\n.*cut\.jpg .*\n.*: copy\.jpg = c\.jpg/);
  });
});

describe("a seeded split", () => {
  test("has each label as often in both parts, whatever else a photo bears", async () => {
    // Rare ones among the first photos, and one that goes with another.
    const bits = (at: number): number[] => [
      Number(at % 2 === 0),
      Number(at % 10 === 0),
      Number(at < 15),
      Number(at < 5),
    ];
    const rows = Array.from({ length: 100 }, (_, at) => `${at}.jpg,${bits(at)}\n`);
    const folder = folderOf(`file,a,b,c,d\n${rows.join("")}`, 100);
    for (const seed of [0, 1, 2]) {
      const { train, validation } = (await open(folder, { seed })).splits;
      expect([train.length, validation.length]).toEqual([80, 20]);
      const counts = [0, 1, 2, 3].map(
        (label) => validation.filter(({ values }) => values![label] === 1).length,
      );
      expect(counts).toEqual([10, 2, 3, 1]);
    }
    const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => open(folder, { seed })));
    expect(first!.splits).toEqual(again!.splits);
    expect(names(first!, "validation")).not.toEqual(names(other!, "validation"));
    expect((await open(folder, { validationFraction: 0 })).splits.train).toHaveLength(100);
  });

  test("takes its numbers evenly from the lowest to the highest", async () => {
    const rows = Array.from({ length: 100 }, (_, at) => `${at}.jpg,${(at * 37) % 100}\n`);
    const { train, validation } = (
      await open(folderOf(`file,x\n${rows.join("")}`, 100), { target: "x", seed: 4 })
    ).splits;
    const fifths = validation.map(({ values }) => Math.floor(values![0]! / 5)).sort((a, b) => a - b);
    expect(fifths).toEqual(Array.from({ length: 20 }, (_, fifth) => fifth));
    expect(train).toHaveLength(80);
  });

  test("leaves copies together", async () => {
    const files = Array.from({ length: 40 }, (_, at) => [`${at}.jpg`, photos[at % 20]!] as const);
    const rows = files.map(([name], at) => `${name},${Number(at % 20 < 7)}\n`);
    const folder = writeTree(temporaryFolder(), {
      ...Object.fromEntries(files),
      "labels.csv": `file,cat\n${rows.join("")}`,
    });
    const { train, validation } = (await open(folder)).splits;
    expect([train.length, validation.length]).toEqual([32, 8]);
    const held = new Set(validation.map(({ hash }) => hash));
    expect(train.filter(({ hash }) => held.has(hash))).toEqual([]);
  });
});
