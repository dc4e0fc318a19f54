import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { readImage } from "../../src/data/decode.node.ts";
import { explain } from "../../src/explain/explain.ts";
import { gradients } from "../../src/explain/gradients.ts";
import { type OpenOptions, openModel } from "../../src/model/open.node.ts";
import { forward, predict } from "../../src/model/predict.ts";
import { summarize } from "../../src/model/summary.ts";
import { writeHdf5 } from "../formats/hdf5-file.ts";
import { checkpoint, kerasArchive, kerasH5, layerGroups, type Weight } from "../formats/keras-file.ts";
import { shared } from "../shared.ts";

const desk = mkdtempSync(join(tmpdir(), "convscope-open-keras-"));
afterAll(() => rmSync(desk, { recursive: true }));

/** A file on the desk. */
function put(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(desk, name), bytes);
  return join(desk, name);
}

const [HEIGHT, WIDTH] = [8, 10];

const layer = (type: string, name: string, config: object = {}) => ({
  class_name: type,
  config: { name, ...config },
});
const input = { batch_input_shape: [null, HEIGHT, WIDTH, 3] };
const base = layer("Sequential", "vgg", {
  layers: [
    layer("Conv2D", "block1_conv1", { ...input, filters: 2, kernel_size: [3, 3], activation: "relu" }),
    layer("MaxPooling2D", "block1_pool", { pool_size: [2, 2] }),
  ],
});
const model = layer("Sequential", "pets", {
  layers: [
    base,
    layer("Flatten", "flatten"),
    layer("Dropout", "dropout", { rate: 0.5 }),
    layer("Dense", "predictions", { units: 2, activation: "softmax" }),
  ],
});

/** Numbers count up, so that no two places look alike. */
const kernel: Weight = { name: "block1_conv1/kernel:0", shape: [3, 3, 3, 2], first: -27 };
const bias: Weight = { name: "block1_conv1/bias:0", shape: [2], first: 1 };
const dense: Weight = { name: "predictions/kernel:0", shape: [24, 2], first: -20 };
const offset: Weight = { name: "predictions/bias:0", shape: [2], first: 3 };

const h5 = kerasH5(model, { vgg: [kernel, bias], flatten: [], dropout: [], predictions: [dense, offset] });
const archive = kerasArchive(
  model,
  checkpoint({
    "layers/sequential/layers/conv2d/vars": [kernel, bias],
    "layers/dense/vars": [dense, offset],
  }),
);

/** A folder as TensorFlow.js writes it. */
function tfjsFolder(name: string, metadata?: object): string {
  const folder = join(desk, name);
  mkdirSync(folder);
  const weights = [kernel, bias, dense, offset];
  const numbers = weights.flatMap(({ shape, first }) =>
    Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => first + index),
  );
  const entries = weights.map((weight) => ({
    name: weight.name.replace(":0", ""),
    shape: weight.shape,
    dtype: "float32",
  }));
  const json = {
    format: "layers-model",
    modelTopology: { keras_version: "2.15.0", model_config: model },
    weightsManifest: [{ paths: ["weights.bin"], weights: entries }],
  };
  writeFileSync(join(folder, "model.json"), JSON.stringify(json));
  writeFileSync(join(folder, "weights.bin"), Float32Array.from(numbers));
  if (metadata) writeFileSync(join(folder, "metadata.json"), JSON.stringify(metadata));
  return folder;
}

/** Its scores, as Keras's layers are defined, channels last, for a picture `[3, H, W]`. */
function logitsOf(picture: Tensor<"float32">): number[] {
  const pixel = (y: number, x: number, channel: number): number =>
    picture.data[(channel * HEIGHT + y) * WIDTH + x]!;
  const convolved = (y: number, x: number, filter: number): number => {
    let sum = bias.first + filter;
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        for (let channel = 0; channel < 3; channel++)
          sum += pixel(y + i, x + j, channel) * (kernel.first + ((i * 3 + j) * 3 + channel) * 2 + filter);
    return Math.max(0, sum);
  };
  const flat: number[] = [];
  for (let y = 0; y < 3; y++)
    for (let x = 0; x < 4; x++)
      for (let filter = 0; filter < 2; filter++)
        flat.push(
          Math.max(...[0, 1].flatMap((i) => [0, 1].map((j) => convolved(2 * y + i, 2 * x + j, filter)))),
        );
  return [0, 1].map(
    (unit) =>
      offset.first + unit + flat.reduce((sum, value, at) => sum + value * (dense.first + 2 * at + unit), 0),
  );
}

const source = random(1, "picture");
const picture = float32(
  [3, HEIGHT, WIDTH],
  Float32Array.from({ length: 3 * HEIGHT * WIDTH }, () => source.uniform(-1, 1)),
);

describe("a model within a model is opened up, and computes what Keras's layers do", () => {
  test.each([
    ["an .h5", () => put("pets.h5", h5)],
    ["a .keras archive", () => put("pets.keras", archive)],
    ["an .h5 that is called .keras", () => put("old.keras", h5)],
    ["an archive that is called .onnx", () => put("pets.onnx", archive)],
    ["a folder of TensorFlow.js", () => tfjsFolder("web")],
    ["its model.json", () => join(tfjsFolder("web2"), "model.json")],
  ])("%s", async (_, place) => {
    const opened = await openModel(place());
    expect(opened.layers.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "vgg/block1_conv1 Conv2D",
      "vgg/block1_pool MaxPooling2D",
      "flatten Flatten",
      "dropout Dropout",
      "predictions Dense",
    ]);
    expect(summarize(opened)).toMatchObject({ parameters: 56 + 50, statistics: 0 });
    expect(opened.input).toMatchObject({ channels: 3, height: HEIGHT, width: WIDTH });
    expect(opened.input.preprocessing).toBeUndefined();

    const expected = logitsOf(picture);
    const batch = float32([2, 3, HEIGHT, WIDTH], [...picture.data, ...picture.data.map((value) => -value)]);
    const { logits } = await forward(opened, batch);
    const negative = logitsOf({ ...picture, data: picture.data.map((value) => -value) });
    [...expected, ...negative].forEach((value, at) => {
      expect(Math.abs(logits.data[at]! - value)).toBeLessThanOrEqual(1e-5 * Math.abs(value));
    });

    const explained = await explain(opened, picture);
    expect(explained.layer?.name).toBe("vgg/block1_conv1");
    expect(explained.raw.shape).toEqual([6, 8]);
    const of = await gradients(opened, picture, { target: 1, wrt: ["input", "vgg/block1_conv1/kernel"] });
    expect(of.get("vgg/block1_conv1/kernel")!.shape).toEqual([2, 3, 3, 3]);
    // Piecewise linear: a small step along a pixel changes the score by as much as its gradient says.
    for (const pixel of [37, 120, 201]) {
      const moved = picture.data.slice();
      moved[pixel]! += 2 ** -10;
      const change = (logitsOf({ ...picture, data: moved })[1]! - expected[1]!) * 2 ** 10;
      expect(of.get("input")!.data[pixel]).toBeCloseTo(change, 1);
    }
  });
});

test("Teachable Machine's folder says its classes, and how its pictures are prepared, unless told otherwise", async () => {
  const folder = tfjsFolder("teachable", { labels: ["cat", "dog"], imageSize: 224 });
  const open = (options?: OpenOptions) => openModel(folder, options);
  const { classes, input: taken } = await open();
  expect(classes).toEqual(["cat", "dog"]);
  expect(taken).toMatchObject({ crop: 1, preprocessing: { name: "tf" } });
  const told = await open({ classes: ["a", "b"], preprocessing: "unit", crop: 0.5 });
  expect(told.classes).toEqual(["a", "b"]);
  expect(told.input).toMatchObject({ crop: 0.5, preprocessing: { name: "unit" } });
});

test("one sigmoid at the end is two classes, and the layer that has it stays", async () => {
  const last = layer("Dense", "predictions", { units: 1, activation: "sigmoid" });
  const binary = layer("Sequential", "pets", { layers: [base, layer("Flatten", "flatten"), last] });
  const small = { ...dense, shape: [24, 1], first: -12 };
  const bytes = kerasH5(binary, { vgg: [kernel, bias], predictions: [small, { ...offset, shape: [1] }] });
  const opened = await openModel(put("binary.h5", bytes), { classes: ["cat", "dog"] });
  expect(opened.layers.at(-1)).toMatchObject({
    name: "predictions",
    parameters: [expect.any(String), expect.any(String)],
  });
  const [first, second] = (await predict(opened, float32([3, HEIGHT, WIDTH], new Float32Array(240)))).map(
    ({ probability }) => probability,
  );
  expect(first! + second!).toBeCloseTo(1, 6);
});

describe("what is no model is refused in words", () => {
  const lambda = layer("Sequential", "net", {
    layers: [layer("Lambda", "double", { ...input, function: "4wEA" })],
  });
  test.each([
    [
      "weights alone",
      () => put("weights.h5", writeHdf5(layerGroups({ conv: [kernel, bias] }))),
      /weights\.h5 holds weights without their model; convert them with convscope weights convert/,
    ],
    [
      "an .h5 of something else",
      () => put("data.h5", writeHdf5({ groups: { spectra: {} } })),
      /it holds spectra\.$/,
    ],
    [
      "code",
      () => put("lambda.h5", kerasH5(lambda, {})),
      /lambda\.h5: layer "double" \(Lambda\) holds Python code, which is never run/,
    ],
    [
      "a zip of something else",
      () => put("a.zip", kerasArchive({ class_name: 1 }, new Uint8Array())),
      /a\.zip/,
    ],
  ])("%s", async (_, place, message) => {
    await expect(openModel(place())).rejects.toThrow(message);
  });
});

test.skipIf(!shared)("Tiny VGG tells 14 of the 20 photos that are named after its classes", async () => {
  const names = ["boat", "bug", "pizza", "pepper", "bus", "koala", "espresso", "panda", "orange", "car"];
  const tiny = await openModel(join(shared!, "models/tiny-vgg-tfjs"), {
    preprocessing: "unit",
    classes: names,
  });
  const folder = join(shared!, "photos/tiny-vgg");
  const photos = readdirSync(folder).filter((name) => name.includes("_"));
  const tops = await Promise.all(
    photos.map(async (name) => (await predict(tiny, await readImage(join(folder, name))))[0]!.label),
  );
  expect(photos.filter((name, at) => name.startsWith(`${tops[at]}_`))).toHaveLength(14);
  expect(photos).toHaveLength(20);
});
