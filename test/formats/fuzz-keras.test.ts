import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { memorySource } from "../../src/base/byte-source.ts";
import { UserError } from "../../src/base/errors.ts";
import { sizeOf } from "../../src/base/tensor.ts";
import { type Dataset, type Group, openHdf5 } from "../../src/formats/hdf5/hdf5.ts";
import type { Value } from "../../src/formats/hdf5/values.ts";
import { readKeras } from "../../src/formats/keras/read.ts";
import { readKerasWeights } from "../../src/formats/keras/weight-file.ts";
import { readZip } from "../../src/formats/zip.ts";
import { expectSturdy, patience } from "../fuzz.ts";
import { type Content, writeHdf5 } from "./hdf5-file.ts";
import { checkpoint, kerasArchive, kerasH5 } from "./keras-file.ts";

/** What the types of a reader promise. */
function expectWhole({ shape, data }: Value | undefined = { dtype: "text", shape: [0], data: [] }): void {
  expect(data.length).toBe(sizeOf(shape));
}

/** Reads all that is in a group, but in circles. */
function visit(object: Group | Dataset, depth = 0): void {
  for (const name of ["text", "list", "number", "number 9"]) expectWhole(object.attribute(name));
  if (object.kind === "dataset") expectWhole(object.read());
  else if (depth < 3) for (const name of object.names().slice(0, 20)) visit(object.member(name)!, depth + 1);
}

const numbers = Float32Array.from({ length: 24 }, (_, index) => index);
const attributes = { text: "a text", list: ["one", "three"], number: 1 };
const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`number ${index}`, index]));
const content: Content = {
  attributes: { ...attributes, ...many },
  groups: { group: { attributes } },
  datasets: {
    "group/whole": { data: numbers, shape: [4, 6] },
    chunks: { data: numbers, shape: [4, 6], chunks: [3, 4], compression: "gzip" },
    rows: { data: numbers, shape: [4, 6], chunks: [1, 4], maxshape: [null, 6] },
    both: {
      data: numbers,
      shape: [4, 6],
      chunks: [3, 4],
      maxshape: [null, null],
      compression: 3,
      compression_opts: [],
    },
    texts: { data: ["ein", "größer"] },
  },
};

const layer = (class_name: string, name: string, config: object = {}) => ({
  class_name,
  config: { name, ...config },
});
const inner = layer("Functional", "base", { layers: [layer("Conv2D", "conv"), layer("Conv2D", "conv_1")] });
const model = layer("Sequential", "all", { layers: [inner, layer("Dense", "dense")] });
const weight = (name: string) => ({ name, shape: [2, 2], first: 1 });
const paths = [["dense"], ["base", "conv"], ["base", "conv_1"]];

describe("damaged files of Keras models are read, or refused in words", { timeout: patience }, () => {
  it("HDF5", () => {
    const files = [
      writeHdf5(content),
      writeHdf5(content, ["v110", "v114"]),
      writeHdf5(content, ["v200", "v200"]),
    ];
    expectSturdy(files, "damaged.h5", (file) => visit(openHdf5(file, "damaged.h5")));
  });

  it("h5", () => {
    const files = [
      kerasH5(model, {
        base: [weight("conv/kernel:0"), weight("conv_1/kernel:0")],
        dense: [weight("dense/kernel:0")],
      }),
    ];
    expectSturdy(files, "damaged.h5", (file) => {
      const saved = readKeras(file, "damaged.h5");
      for (const path of paths) for (const found of saved.weights(path)) expectWhole(found.read());
      for (const { weights } of readKerasWeights(file, "damaged.h5"))
        for (const found of weights) expectWhole(found.read());
    });
  });

  it("keras", () => {
    const weights = checkpoint({
      "layers/functional/layers/conv2d/vars": [weight("0")],
      "layers/functional/layers/conv2d_1/vars": [weight("0")],
      "layers/dense/vars": [weight("0")],
    });
    const files = [kerasArchive(model, weights), kerasArchive(model, weights, 6)];
    expectSturdy(files, "damaged.keras", (file) => {
      const saved = readKeras(file, "damaged.keras");
      for (const path of paths) for (const found of saved.weights(path)) expectWhole(found.read());
    });
    expectSturdy([weights], "damaged.weights.h5", (file) => {
      for (const found of readKerasWeights(file, "damaged.weights.h5"))
        for (const each of found.weights) expectWhole(each.read());
    });
  });

  it("zip", () => {
    const files = { a: strToU8("stored"), b: strToU8("compressed ".repeat(20)) };
    const archives = [zipSync(files, { level: 0 }), zipSync(files, { level: 9, comment: "a comment" })];
    expectSturdy(archives, "damaged.zip", (file) => {
      for (const open of readZip(memorySource(file), "damaged.zip").values()) {
        const { size, read } = open();
        expect(read(0, size).length).toBe(size);
      }
    });
  });

  it("model.json", () => {
    const json = {
      modelTopology: { model_config: model, keras_version: "2.15.0" },
      weightsManifest: [
        {
          paths: ["group1-shard1of2.bin", "group1-shard2of2.bin"],
          weights: [
            { name: "conv/kernel", shape: [2, 2], dtype: "float32" },
            {
              name: "conv_1/kernel",
              shape: [3],
              dtype: "float32",
              quantization: { dtype: "uint8", scale: 0.1, min: -1 },
            },
            { name: "dense/kernel", shape: [3], dtype: "float32", quantization: { dtype: "float16" } },
          ],
        },
      ],
    };
    const beside = (name: string) => {
      if (name.endsWith(".bin")) return memorySource(new Uint8Array(13).fill(0x3c));
      throw new UserError("which is another.");
    };
    expectSturdy([strToU8(JSON.stringify(json))], "model.json", (file) => {
      const saved = readKeras(file, "model.json", beside);
      for (const path of paths) for (const found of saved.weights(path)) expectWhole(found.read());
    });
  });
});
