import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../src/base/byte-source.ts";
import { UserError } from "../../src/base/errors.ts";
import { type Dataset, type Group, isHdf5, openHdf5 } from "../../src/formats/hdf5/hdf5.ts";
import { shared } from "../shared.ts";
import { type Content, writeHdf5 } from "./hdf5-file.ts";

const fixture = (version: number): Uint8Array =>
  new Uint8Array(readFileSync(resolve(import.meta.dirname, `fixtures/superblock-${version}.h5`)));

function dataset(root: Group, path: string): Dataset {
  const found = root.member(path);
  if (found?.kind !== "dataset") throw new Error(`no dataset ${path}`);
  return found;
}

const numbers = (root: Group, path: string): number[] => Array.from(dataset(root, path).read().data, Number);

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.for([0, 1, 2, 3])("a file with a superblock of version %i", (version) => {
  const root = openHdf5(fixture(version), "a.h5");

  it("has numbers of every type, in either order of bytes", () => {
    const types = ["f4", "f8", "i1", "u2", "i4", "i8", "u8"].map((type) => {
      const order = { i1: "|", i4: ">", u8: ">" }[type] ?? "<";
      const { dtype, shape } = dataset(root, `numbers/${order}${type}`);
      return [dtype, shape, numbers(root, `numbers/${order}${type}`)];
    });
    const named = ["float32", "float64", "int8", "uint16", "int32", "int64", "uint64"];
    expect(types).toEqual(named.map((dtype) => [dtype, [2, 3], [0, 1, 2, 3, 4, 5]]));
    expect(numbers(root, "numbers/>f4")).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers(root, "numbers/>f8")).toEqual([0, 1, 2, 3, 4, 5]);
    const halves = [0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500];
    for (const order of ["<", ">"]) {
      expect(dataset(root, `numbers/${order}f2`).dtype).toBe("float16");
      expect(numbers(root, `numbers/${order}f2`)).toEqual(halves);
    }
    expect(dataset(root, "numbers/bool").read()).toEqual({
      dtype: "bool",
      shape: [2, 3],
      data: Uint8Array.of(0, 1, 0, 1, 0, 1),
    });
    expect(dataset(root, "scalar").read()).toEqual({
      dtype: "float64",
      shape: [],
      data: Float64Array.of(2.5),
    });
  });

  it.for(["none", "deflate", "shuffle", "fletcher32", "all"])("undoes the filter %s", (filter) => {
    expect(numbers(root, `filters/${filter}`)).toEqual(range(40));
  });

  it.for(["fixed", "limited", "rows", "columns", "both", "single"])(
    "finds the chunks of a dataset: %s",
    (kind) => {
      expect(dataset(root, `chunks/${kind}`).shape).toEqual([5, 8]);
      expect(numbers(root, `chunks/${kind}`)).toEqual(range(40));
      expect(numbers(root, `chunks/packed ${kind}`)).toEqual(range(40));
    },
  );

  it("has datasets that were not written, or kept in other places", () => {
    const sparse = numbers(root, "sparse");
    expect(sparse.slice(0, 39)).toEqual(new Array(39).fill(-1));
    expect(sparse[39]).toBe(39);
    const endless = dataset(root, "endless").read().data as Uint8Array;
    expect([...endless.subarray(190_000, 190_003)]).toEqual([1, 2, 3]);
    expect(endless.filter((value) => value !== 0).length).toBe(3);
    expect(numbers(root, "unwritten")).toEqual([7, 7, 7, 7]);
    expect(numbers(root, "early")).toEqual(range(80));
    expect(numbers(root, "compact")).toEqual(range(80));
  });

  it("gives the same again", () => {
    for (const _ of range(2)) expect(numbers(root, "compact")).toEqual(range(80));
  });

  it("has texts of fixed and of any length", () => {
    expect(dataset(root, "texts/fixed").read()).toEqual({
      dtype: "text",
      shape: [3],
      data: ["one", "three", ""],
    });
    expect(dataset(root, "texts/spaced").read().data).toEqual(["ab", "abcdef"]);
    expect(dataset(root, "texts/long").read().data).toEqual(["ein", "größer", ""]);
  });

  it("has attributes, few or many", () => {
    const group = root.member("attributes")!;
    const found = range(20).map((index) => group.attribute(`number ${index}`)!.data[0]);
    expect(found).toEqual(range(20));
    expect(group.attribute("text")).toEqual({ dtype: "text", shape: [], data: ["a text of any length"] });
    expect(group.attribute("bytes")!.data).toEqual(["bytes"]);
    expect(group.attribute("names")!.data).toEqual(["conv1", "dense"]);
    expect(group.attribute("none")!.shape).toEqual([0]);
    expect(group.attribute("number")).toBeUndefined();
    expect(root.attribute("text")).toBeUndefined();
  });

  it("has groups, small and large", () => {
    const members = root.member("members") as Group;
    const names = range(60).map((index) => `member ${String(index).padStart(2, "0")}`);
    expect(members.names().sort()).toEqual(names);
    for (const name of names) expect(numbers(members, name)).toEqual([2.5]);
    expect(root.member("members/member 60")).toBeUndefined();
    expect(root.member("scalar/member")).toBeUndefined();
    expect(root.member("links/round/links/round/scalar")?.path).toBe("/links/round/links/round/scalar");
  });

  it.for([
    ["others/complex", "records of a kind of their own"],
    ["others/record", "records of a kind of their own"],
    ["links/soft", "a link to another place"],
    ["links/other file", "a link to another place"],
  ])("says what it does not read: %s", ([path, what]) => {
    expect(() => root.member(path!)).toThrow(
      new UserError(`a.h5 holds ${what} at "/${path}", which cannot be read; save it again without.`),
    );
  });
});

describe("what the newest library writes", () => {
  const content: Content = {
    groups: Object.fromEntries(range(300).map((index) => [`group ${index}`, { attributes: { index } }])),
    datasets: {
      pages: { data: Float32Array.from(range(5000)), chunks: [2] },
      "packed pages": { data: Float32Array.from(range(5000)), chunks: [2], compression: "gzip" },
      "endless pages": { data: Uint16Array.from(range(20_000)), chunks: [2], maxshape: [null] },
      tree: {
        data: Float64Array.from(range(6000)),
        shape: [60, 100],
        chunks: [3, 2],
        maxshape: [null, null],
      },
    },
  };

  it.for([
    ["v110", "v114"],
    ["v200", "v200"],
  ] as const)("from %s on", ([from, to]) => {
    const root = openHdf5(writeHdf5(content, [from, to]), "a.h5");
    for (const index of range(300))
      expect(root.member(`group ${index}`)!.attribute("index")!.data[0]).toBe(index);
    expect(numbers(root, "pages")).toEqual(range(5000));
    expect(numbers(root, "packed pages")).toEqual(range(5000));
    expect(numbers(root, "endless pages")).toEqual(range(20_000));
    expect(numbers(root, "tree")).toEqual(range(6000));
  });
});

describe("a large file", () => {
  it("is read where it is looked at", () => {
    const file = writeHdf5({
      datasets: { large: { data: new Float32Array(250_000).fill(1) }, small: { data: Float32Array.of(3) } },
    });
    let read = 0;
    const source: ByteSource = {
      size: file.length,
      read(offset, length) {
        read += length;
        return file.subarray(offset, offset + length);
      },
    };
    const root = openHdf5(source, "a.h5");
    expect(dataset(root, "large").shape).toEqual([250_000]);
    expect(numbers(root, "small")).toEqual([3]);
    expect(read).toBeLessThan(10_000);
    expect(file.length).toBeGreaterThan(1_000_000);
  });
});

describe("what is no HDF5 file, or not whole", () => {
  it("is said to be so", () => {
    const other = new TextEncoder().encode("something else".repeat(100));
    expect(isHdf5({ size: other.length, read: (from, length) => other.subarray(from, from + length) })).toBe(
      false,
    );
    expect(() => openHdf5(other, "a.h5")).toThrow(
      new UserError("a.h5 is not an HDF5 file; give one that h5py or Keras wrote."),
    );
    const whole = fixture(0);
    expect(() => openHdf5(whole.subarray(0, 40_000), "a.h5")).toThrow(
      new UserError(
        `a.h5 is damaged or cut short at "/" (it has 40000 bytes of ${whole.length}); copy or save it again.`,
      ),
    );
  });

  it("is found out by a chunk's checksum", () => {
    const file = fixture(0);
    const root = openHdf5(file, "a.h5");
    const nine = Buffer.from(Float32Array.of(8, 9, 10).buffer);
    const places: number[] = [];
    for (let at = file.length; at >= 0; at--) if (nine.equals(file.subarray(at, at + 12))) places.push(at);
    for (const at of places) file[at] = 1;
    expect(places.length).toBeGreaterThan(1);
    expect(() => dataset(root, "filters/fletcher32").read()).toThrow(
      new UserError(
        'a.h5 is damaged or cut short at "/filters/fletcher32" (a chunk that does not fit its checksum); copy or save it again.',
      ),
    );
  });

  it("may not claim more than it can hold", () => {
    const file = writeHdf5({
      datasets: { large: { data: Uint8Array.from(range(100)), chunks: [100], maxshape: [null] } },
    });
    const extent = Buffer.alloc(16);
    extent.writeBigUInt64LE(100n);
    extent.fill(0xff, 8);
    const at = Buffer.from(file).indexOf(extent);
    expect(at).toBeGreaterThan(0);
    file[at + 4] = 1;
    expect(() => openHdf5(file, "a.h5").member("large")).toThrow(
      new UserError(
        `a.h5 is damaged or cut short at "/large" (4294967396 bytes of numbers in a file of ${file.length}); copy or save it again.`,
      ),
    );
  });
});

describe.skipIf(!shared)("the reference attributions of iNNvestigate", () => {
  it("are read", () => {
    const path = `${shared}/fixtures/innvestigate/Gradient.hdf5`;
    const root = openHdf5(new Uint8Array(readFileSync(path)), path);
    expect(root.attribute("analyzer_name")!.data).toEqual(["Gradient"]);
    const names = [
      "AveragePooling2D",
      "Conv2D",
      "Conv2D_relu",
      "Dense",
      "Dense_relu",
      "MaxPooling2D",
      "input",
    ];
    expect(root.names()).toEqual(names);
    const input = dataset(root, "input").read();
    expect([input.dtype, input.shape]).toEqual(["float64", [8, 10, 10, 3]]);
    expect(Array.from(input.data.slice(0, 3), Number)).toEqual([
      0.6964691855978616, 0.28613933495037946, 0.2268514535642031,
    ]);
    const kernel = dataset(root, "Conv2D/weights/0").read().data.slice(0, 3);
    expect(kernel).toEqual(Float32Array.of(-0.226748064, 0.0610301197, -0.0357135534));
  });
});
