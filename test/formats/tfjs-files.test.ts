import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { openKeras } from "../../src/formats/keras/open.node.ts";
import { isKeras, readKeras } from "../../src/formats/keras/read.ts";
import { shared } from "../shared.ts";

const desk = realpathSync(mkdtempSync(join(tmpdir(), "convscope-tfjs-")));
afterAll(() => rmSync(desk, { recursive: true }));

const folder = join(desk, "model");
const path = join(folder, "model.json");
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "parts"), { recursive: true });
});

const model = { class_name: "Sequential", config: { name: "all", layers: [] } };

const manifest = (paths: readonly string[], ...weights: readonly object[]) => [{ paths, weights }];

function write(json: unknown, files: Readonly<Record<string, Uint8Array>> = {}): void {
  writeFileSync(path, JSON.stringify(json));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}

const bytesOf = (numbers: Float32Array | Int32Array | Uint16Array): Uint8Array =>
  new Uint8Array(numbers.buffer);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

const plain = (name: string, shape: readonly number[], dtype = "float32") => ({ name, shape, dtype });

describe("a layers model of TensorFlow.js", () => {
  const data = joined(
    bytesOf(Float32Array.of(1, 2, 3)),
    bytesOf(Int32Array.of(-4, 5)),
    Uint8Array.of(1, 0),
    Uint8Array.of(255),
    bytesOf(Float32Array.of(6)),
  );
  const weights = [
    plain("conv/kernel", [3, 1]),
    plain("conv/counts", [2], "int32"),
    plain("conv/mask", [2], "bool"),
    plain("norm/levels", [1], "uint8"),
    { ...plain("norm/gamma", []), group: "model" },
  ];

  it("has weights of each type, in shards that are cut anywhere", () => {
    const topology = { model_config: model, keras_version: "2.15.0", backend: "tensorflow" };
    write(
      {
        format: "layers-model",
        modelTopology: topology,
        weightsManifest: manifest(["a.bin", "parts/b.bin", "c.bin"], ...weights),
      },
      { "a.bin": data.subarray(0, 5), "parts/b.bin": data.subarray(5, 18), "c.bin": data.subarray(18) },
    );
    const saved = openKeras(path);
    expect(saved.model).toEqual(model);
    expect(saved.version).toBe("2.15.0");
    expect(saved.classes).toBeUndefined();
    const tensors = ["conv", "norm"].flatMap((layer) => saved.weights([layer]).map(({ read }) => read()));
    expect(tensors).toEqual([
      { dtype: "float32", shape: [3, 1], data: Float32Array.of(1, 2, 3) },
      { dtype: "int32", shape: [2], data: Int32Array.of(-4, 5) },
      { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
      { dtype: "uint8", shape: [1], data: Uint8Array.of(255) },
      { dtype: "float32", shape: [], data: Float32Array.of(6) },
    ]);
  });

  it("may be of several groups, nested, and made without Keras", () => {
    const two = (name: string, file: string) => ({ paths: [file], weights: [plain(name, [1])] });
    write(
      {
        modelTopology: { ...model, keras_version: "tfjs-layers 4.22.0" },
        weightsManifest: [two("base/conv/kernel", "a.bin"), two("other/conv/kernel", "b.bin")],
      },
      { "a.bin": bytesOf(Float32Array.of(1)), "b.bin": bytesOf(Float32Array.of(2)) },
    );
    const saved = openKeras(path);
    expect(saved.version).toBe("tfjs-layers 4.22.0");
    expect(saved.weights(["other", "conv"]).map(({ name, read }) => [name, read().data[0]])).toEqual([
      ["other/conv/kernel", 2],
    ]);
    expect(saved.weights(["base"]).map(({ name }) => name)).toEqual(["base/conv/kernel"]);
  });

  it("may be quantized", () => {
    const quantized = (name: string, dtype: string, quantization: object) => ({
      ...plain(name, [3], dtype),
      quantization,
    });
    write(
      {
        modelTopology: model,
        weightsManifest: manifest(
          ["a.bin"],
          quantized("a/kernel", "float32", { dtype: "uint8", scale: 0.5, min: -1 }),
          quantized("b/kernel", "float32", { dtype: "uint16", scale: 0.25, min: 2 }),
          quantized("c/kernel", "int32", { dtype: "uint8", scale: 0.4, min: -3.1 }),
          quantized("d/kernel", "float32", { dtype: "float16" }),
        ),
      },
      {
        "a.bin": joined(
          Uint8Array.of(0, 1, 255),
          bytesOf(Uint16Array.of(0, 4, 65535)),
          Uint8Array.of(0, 1, 10),
          bytesOf(Uint16Array.of(0x3c00, 0xc000, 0)),
        ),
      },
    );
    const saved = openKeras(path);
    const read = (layer: string) => saved.weights([layer])[0]!.read();
    expect(read("a")).toEqual({ dtype: "float32", shape: [3], data: Float32Array.of(-1, -0.5, 126.5) });
    expect(read("b")).toEqual({ dtype: "float32", shape: [3], data: Float32Array.of(2, 3, 16385.75) });
    expect(read("c")).toEqual({ dtype: "int32", shape: [3], data: Int32Array.of(-3, -3, 1) });
    expect(read("d")).toEqual({ dtype: "float16", shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0) });
  });

  it("comes from Teachable Machine with its classes and the size of its pictures", () => {
    const json = { modelTopology: model, weightsManifest: manifest(["weights.bin"]) };
    write(json, { "weights.bin": new Uint8Array() });
    writeFileSync(join(folder, "metadata.json"), JSON.stringify({ labels: ["cat", "dog"], imageSize: 224 }));
    const { classes, pictureSize } = openKeras(path);
    expect([classes, pictureSize]).toEqual([["cat", "dog"], 224]);
  });

  it("is read from bytes where there are no files", () => {
    const json = { modelTopology: model, weightsManifest: manifest(["a.bin"], plain("conv/kernel", [1])) };
    const bytes = new TextEncoder().encode(JSON.stringify(json, undefined, 2));
    expect(isKeras(bytes)).toBe(true);
    expect(() => readKeras(bytes, "model.json")).toThrow(
      new UserError(
        'model.json has weights in the file "a.bin", which is not at hand here; give the files beside the model too.',
      ),
    );
  });
});

describe("what is no such model", () => {
  const refused = (message: string) =>
    expect(() => openKeras(path)).toThrow(new UserError(`${path} ${message}`));
  const one = (paths: readonly string[], weight: object = plain("a/kernel", [2])) => ({
    modelTopology: model,
    weightsManifest: manifest(paths, weight),
  });
  const eight = { "a.bin": new Uint8Array(8) };

  it("is refused in words", () => {
    const graph =
      "is a graph model of TensorFlow.js, in which there are no layers left; convert the Keras model that it comes from with tensorflowjs_converter --output_format=tfjs_layers_model, or give that model itself.";
    write({ format: "graph-model", modelTopology: { node: [] }, weightsManifest: [] });
    refused(graph);
    write({ modelTopology: { node: [], library: {} }, weightsManifest: [] });
    refused(graph);
    writeFileSync(path, "{");
    refused("has a content that is not JSON; copy or save it again.");
    write({ modelTopology: {}, weightsManifest: [] });
    refused("does not say what its model is made of; save the whole model again.");
    write({ modelTopology: model });
    refused("has no weightsManifest; save the model with its weights.");
    write({ modelTopology: model, weightsManifest: [3] });
    refused("has a weightsManifest that is not one; save the model again.");
    writeFileSync(path, "no model at all");
    expect(isKeras(new TextEncoder().encode("no model at all"))).toBe(false);
    refused("is no model of Keras or TensorFlow.js; give an .h5, a .keras or a model.json.");
  });

  it("has weights that are not there", () => {
    write(one(["a.bin"]));
    refused(
      'has weights in the file "a.bin", which cannot be read: there is no such file; copy it there, or give another path.',
    );
    write(one(["a.bin"], plain("a/kernel", [3])), eight);
    refused("has weights of 12 bytes in a.bin, where there are 8; copy all files again.");
    write(one(["a.bin"], plain("a/kernel", [2 ** 52, 2 ** 52])), eight);
    refused(`has weights of ${2 ** 106} bytes in a.bin, where there are 8; copy all files again.`);
    write(one(["a.bin", "a.bin"]), eight);
    refused("has weights in the same file twice; save the model again.");
  });

  it("has weights that are none", () => {
    write(one(["a.bin"], { name: "a/kernel", shape: [-1] }), eight);
    refused('describes the weight "a/kernel" wrongly; save the model again.');
    const unread = (type: string) =>
      refused(
        `has the weight "a/kernel" in numbers of the type ${type}, which cannot be read; save it as float32.`,
      );
    write(one(["a.bin"], plain("a/kernel", [1], "string")), eight);
    unread("string");
    write(one(["a.bin"], { ...plain("a/kernel", [1]), quantization: { dtype: "uint8" } }), eight);
    unread("float32, quantized");
  });

  it.for(["../secret.bin", "/etc/hostname", "parts/../../secret.bin", "..\\secret.bin", "out"])(
    "reaches for a file outside: %s",
    (name) => {
      writeFileSync(join(desk, "secret.bin"), new Uint8Array(8));
      write(one([name]));
      symlinkSync(join(desk, "secret.bin"), join(folder, "out"));
      expect(() => openKeras(path)).toThrow(
        `${path} has weights in the file "${name}", which cannot be read: it is`,
      );
    },
  );
});

describe.skipIf(!shared)("Tiny VGG of the CNN Explainer", () => {
  it("is opened", () => {
    const saved = openKeras(`${shared}/models/tiny-vgg-tfjs/model.json`);
    expect([saved.model.class_name, saved.version]).toEqual(["Sequential", "2.2.4-tf"]);
    const [kernel, bias] = saved.weights(["conv_1_1"]);
    expect([kernel!.shape, bias!.shape]).toEqual([[3, 3, 3, 10], [10]]);
    expect(kernel!.read().data[0]).toBeCloseTo(-0.3016165196895599, 12);
    expect(saved.weights(["output"]).map(({ name }) => name)).toEqual(["output/kernel", "output/bias"]);
    expect(saved.weights(["relu_1_1"])).toEqual([]);
  });
});
