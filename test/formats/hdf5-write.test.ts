import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { File, type Group as LibraryGroup, ready } from "h5wasm/node";
import { afterAll, describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { checksum } from "../../src/formats/hdf5/checksum.ts";
import { type Group, openHdf5 } from "../../src/formats/hdf5/hdf5.ts";
import { type NewDataset, type NewGroup, writeHdf5 } from "../../src/formats/hdf5/write.ts";

const desk = mkdtempSync(join(tmpdir(), "convscope-hdf5-write-"));
afterAll(() => rmSync(desk, { recursive: true }));

const dataset = (shape: readonly number[], numbers: readonly number[]): NewDataset => ({
  shape,
  read: () => float32(shape, numbers),
});

const many = Array.from({ length: 600 }, (_, at) => `layer_${at}`);
const content: NewGroup = {
  attributes: {
    config: "{é}".repeat(40_000),
    none: "",
    names: ["conv", "", "dense", "conv"],
    nothing: [],
    many,
  },
  members: new Map<string, NewGroup | NewDataset>([
    [
      "conv",
      {
        attributes: { names: ["kernel:0"] },
        members: new Map([["kernel:0", dataset([2, 3], [1, 2, 3, 4, 5, 6.5])]]),
      },
    ],
    ["größe", dataset([], [7])],
    ["empty", dataset([0, 3], [])],
    ["groups", { members: new Map(many.map((name) => [name, {}])) }],
  ]),
};

describe("a written file", () => {
  const bytes = writeHdf5(content);

  test("is read by the library that the format is from", async () => {
    await ready;
    const path = join(desk, "a.h5");
    writeFileSync(path, bytes);
    const file = new File(path, "r");
    const value = (name: string): unknown => file.attrs[name]!.value;
    expect(value("config")).toBe("{é}".repeat(40_000));
    expect(value("none")).toBe("");
    expect(value("names")).toEqual(["conv", "", "dense", "conv"]);
    expect(file.attrs.nothing!.shape).toEqual([0]);
    expect(value("many")).toEqual(many);
    expect(file.keys().sort()).toEqual(["conv", "empty", "groups", "größe"]);
    expect((file.get("groups") as LibraryGroup).keys().sort()).toEqual([...many].sort());
    const read = (name: string) => {
      const {
        dtype,
        shape,
        value: numbers,
      } = file.get(name) as unknown as {
        dtype: string;
        shape: number[];
        value: unknown;
      };
      return { dtype, shape, numbers };
    };
    expect(read("conv/kernel:0")).toEqual({
      dtype: "<f",
      shape: [2, 3],
      numbers: Float32Array.of(1, 2, 3, 4, 5, 6.5),
    });
    expect(read("größe")).toMatchObject({ shape: [], numbers: 7 });
    expect(read("empty")).toMatchObject({ shape: [0, 3] });
    file.close();
  });

  test("is read by ours, its numbers without a copy", () => {
    const root = openHdf5(bytes, "a.h5");
    expect(root.attribute("config")).toMatchObject({ shape: [], data: ["{é}".repeat(40_000)] });
    expect(root.attribute("names")).toMatchObject({ shape: [4], data: ["conv", "", "dense", "conv"] });
    expect(root.attribute("nothing")).toMatchObject({ shape: [0], data: [] });
    expect((root.member("groups") as Group).names()).toEqual(many);
    const kernel = root.member("conv/kernel:0");
    const value = kernel?.kind === "dataset" ? kernel.read() : undefined;
    expect(value).toEqual({ dtype: "float32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6.5) });
    expect((value!.data as Float32Array).buffer).toBe(bytes.buffer);
  });

  test("is the same each time", () => {
    expect(Buffer.compare(writeHdf5(content), bytes)).toBe(0);
  });

  test("may be empty", () => {
    expect(openHdf5(writeHdf5({}), "a.h5").names()).toEqual([]);
  });
});

test("the checksum of texts that its author gives", () => {
  const of = (text: string): string => checksum(new TextEncoder().encode(text)).toString(16);
  expect([of(""), of("Four score and seven years ago")]).toEqual(["deadbeef", "17770551"]);
});
