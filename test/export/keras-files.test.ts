import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Picture, picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { exportModel } from "../../src/export/export.ts";
import type { ExportFormat } from "../../src/export/format.ts";
import { keras } from "../../src/export/formats/keras.ts";
import { tfjs } from "../../src/export/formats/tfjs.ts";
import { rules } from "../../src/export/keras/rules/index.ts";
import { type Group, openHdf5 } from "../../src/formats/hdf5/hdf5.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { architectures } from "../../src/model/architectures/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { conv2d, dense, flatten } from "../../src/model/layers/index.ts";
import type { Model, Network } from "../../src/model/model.ts";
import { NetworkBuilder } from "../../src/model/network.ts";
import { openModel } from "../../src/model/open.node.ts";
import { forward } from "../../src/model/predict.ts";
import { type PresetName, preprocess, presetFor, presets } from "../../src/model/preprocessing.ts";
import { withScale } from "../../src/model/tasks/regression.ts";
import { shared } from "../shared.ts";
import { loadTfjs, predictTfjs } from "./tfjs-model.ts";
import { undecided } from "./undecided.ts";

const engine = nodeEngine();
const { below } = random(9, "export");

const small = (classes: readonly string[] = ["a", "b", "c"]): Network =>
  smallConvnet({ classes, size: 20, filters: [4, 5], units: 6 });
const modelOf = (network: Network): Model => ({ ...network, source: "own.onnx", engine });
const noise = (width: number, height: number): Picture =>
  picture(
    width,
    height,
    Uint8Array.from({ length: 3 * width * height }, () => below(256)),
  );

describe("the files of TensorFlow.js", () => {
  test("are a model and its weights in parts of 4 MB at most", () => {
    const network = smallConvnet({ classes: ["a", "b"], size: 40, filters: [32], units: 100 });
    const { files, inputs, outputs } = tfjs.write(network, {});
    const sizes = Object.fromEntries([...files].map(([name, { length }]) => [name, length]));
    const numbers = 32 * 27 + 32 + 100 * 32 * 19 * 19 + 100 + 101;
    expect(sizes).toEqual({
      "model.json": sizes["model.json"],
      "group1-shard1of2.bin": 2 ** 22,
      "group1-shard2of2.bin": 4 * numbers - 2 ** 22,
    });
    expect(inputs).toEqual([{ name: "image", dtype: "float32", shape: ["N", 40, 40, 3] }]);
    expect(outputs).toEqual([{ name: "dense_1", dtype: "float32", shape: ["N", 1] }]);
    const json = JSON.parse(new TextDecoder().decode(files.get("model.json")));
    expect(json).toMatchObject({
      format: "layers-model",
      modelTopology: {
        keras_version: "2.15.0",
        backend: "tensorflow",
        model_config: { class_name: "Functional", config: { name: "small-convnet" } },
      },
      userDefinedMetadata: { convscope: { classes: ["a", "b"], input: network.input } },
    });
    expect(json.weightsManifest[0].weights.slice(0, 2)).toEqual([
      { name: "conv2d/kernel", shape: [3, 3, 3, 32], dtype: "float32" },
      { name: "conv2d/bias", shape: [32], dtype: "float32" },
    ]);
  });

  test("tell TensorFlow.js what no layer says", async () => {
    const model = await loadTfjs(tfjs.write(small(), {}).files);
    expect(model.getUserDefinedMetadata()).toMatchObject({ convscope: { classes: ["a", "b", "c"] } });
  });
});

describe("the .h5", () => {
  const root = (network: Network): Group =>
    openHdf5(keras.write(network, {}).files.get("model.h5")!, "model.h5");
  const texts = (group: Group, name: string): readonly string[] =>
    group.attribute(name)!.data as readonly string[];

  test("is laid out as Keras lays it out", () => {
    const file = root(small());
    expect(texts(file, "keras_version")).toEqual(["2.15.0"]);
    expect(texts(file, "backend")).toEqual(["tensorflow"]);
    expect(JSON.parse(texts(file, "convscope")[0]!)).toMatchObject({ classes: ["a", "b", "c"] });
    // Keras 2 refuses an input with any other setting.
    expect(JSON.parse(texts(file, "model_config")[0]!).config.layers[0]).toEqual({
      class_name: "InputLayer",
      config: { name: "image", batch_input_shape: [null, 20, 20, 3], dtype: "float32", sparse: false },
      name: "image",
      inbound_nodes: [],
    });
    const weights = file.member("model_weights") as Group;
    const layers = texts(weights, "layer_names");
    expect(layers.slice(0, 3)).toEqual(["image", "conv2d", "max_pooling2d"]);
    expect(weights.names()).toEqual(layers);
    const conv = weights.member("conv2d") as Group;
    expect(texts(conv, "weight_names")).toEqual(["conv2d/kernel:0", "conv2d/bias:0"]);
    expect(conv.member("conv2d/kernel:0")).toMatchObject({ kind: "dataset", shape: [3, 3, 3, 4] });
    expect(texts(weights.member("flatten") as Group, "weight_names")).toEqual([]);
  });

  test("has its layers in the order that Keras gives them", async () => {
    const network = architectures.googlenet.build({ classes: ["a", "b"], size: 15 });
    const model = await loadTfjs(tfjs.write(network, {}).files);
    expect(texts(root(network).member("model_weights") as Group, "layer_names")).toEqual(
      model.layers.map(({ name }) => name),
    );
  });
});

/** A network over photos of any shape that sees so many channels, in this way. */
function over(channels: number, name: PresetName): Network {
  const preprocessing = presetFor(name, channels);
  const network = new NetworkBuilder({ name: "image", channels, height: 6, width: 8, preprocessing }, 4);
  const x = conv2d(network, network.input(), { filters: 4, kernel: 3 });
  return network.finish("net", dense(network, flatten(network, x), { units: 3 }), ["a", "b", "c"]);
}

describe("with its preprocessing", () => {
  const ways = (Object.keys(presets) as PresetName[]).flatMap((name) => [
    [name, 3] as const,
    [name, 1] as const,
  ]);
  test.each(ways)("%s of %i channels, the model takes levels of RGB", async (name, channels) => {
    const photo = noise(8, 6);
    const made = over(channels, name);
    const seen = preprocess(made.input, [photo]);
    const network = await undecided(made, seen);
    const expected = await forward(modelOf(network), seen);
    const { files, inputs } = tfjs.write(network, { withPreprocessing: true });
    expect(inputs[0]!.shape).toEqual(["N", 6, 8, 3]);
    const model = await loadTfjs(files);
    const levels = preprocess({ ...network.input, channels: 3, preprocessing: presets.raw }, [photo]);
    const given = predictTfjs(model, levels);
    for (const [at, value] of given.entries())
      expect(value).toBeCloseTo(expected.probabilities!.data[at]!, 5);
  });

  test("it is said that levels are taken, and it is checked on a photo of another size", async () => {
    for (const format of ["tfjs", "keras"]) {
      const exported = await exportModel(modelOf(over(3, "caffe")), { format, withPreprocessing: true });
      expect(exported.difference).toBeLessThan(1e-5);
      expect(exported.difference).toBeGreaterThan(0);
    }
    const { files } = tfjs.write(over(1, "imagenet"), { withPreprocessing: true });
    const json = JSON.parse(new TextDecoder().decode(files.get("model.json")));
    expect(json.userDefinedMetadata.convscope.input).toMatchObject({
      channels: 3,
      preprocessing: { name: "raw", order: "RGB" },
    });
  });

  test("is refused where nobody said what that is", () => {
    const { input, ...rest } = small();
    const { preprocessing: _, ...silent } = input;
    expect(() => tfjs.write({ ...rest, input: silent }, { withPreprocessing: true })).toThrow(
      'The network does not say how pictures become its input "image"; choose (--preprocess): ',
    );
  });
});

const task = (name: "multi-label" | "regression", classes: readonly string[]): Network => {
  const network = new NetworkBuilder(
    { name: "image", channels: 3, height: 6, width: 6, preprocessing: presets.tf },
    4,
  );
  const logits = dense(network, flatten(network, network.input()), { units: classes.length });
  return network.finish("net", logits, classes, name);
};

describe("tasks", () => {
  test("any number of labels: a sigmoid for each", async () => {
    for (const classes of [["a"], ["a", "b"], ["a", "b", "c"]]) {
      const model = modelOf(task("multi-label", classes));
      for (const format of ["tfjs", "keras"]) {
        const { difference, outputs } = await exportModel(model, { format });
        expect(difference).toBeLessThan(1e-6);
        expect(outputs[0]!.shape).toEqual(["N", classes.length]);
      }
    }
  });

  test("a value, in its own unit", async () => {
    const model = modelOf(withScale(task("regression", ["age"]), { mean: 40, deviation: 12 }));
    const inputs: Tensor<"float32"> = preprocess(model.input, [noise(6, 6)]);
    const expected = await forward(model, inputs);
    for (const format of ["tfjs", "keras"])
      expect((await exportModel(model, { format })).difference).toBeLessThan(1e-6);
    const [given] = predictTfjs(await loadTfjs(tfjs.write(model, {}).files), inputs);
    expect(given).toBeCloseTo(12 * expected.logits.data[0]! + 40, 3);
  });
});

describe("opened in Convscope", () => {
  const desk = mkdtempSync(join(tmpdir(), "convscope-export-"));
  afterAll(() => rmSync(desk, { recursive: true }));

  function written(format: ExportFormat, network: Network, withPreprocessing = false): string {
    const folder = mkdtempSync(join(desk, "model-"));
    const { files } = format.write(network, { withPreprocessing });
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    return format.makes === "folder" ? folder : join(folder, "model.h5");
  }

  test.each([keras, tfjs])("$name says its classes and its preprocessing", async (format) => {
    const network = over(3, "caffe");
    const input = { ...network.input, crop: 0.8, filter: "cubic" as const };
    const photo = noise(30, 20);
    const expected = await forward(modelOf(network), preprocess(input, [photo]));
    for (const withPreprocessing of [false, true]) {
      const model = await openModel(written(format, { ...network, input }, withPreprocessing));
      expect(model.classes).toEqual(["a", "b", "c"]);
      expect(model.input).toMatchObject({ crop: 0.8, filter: "cubic" });
      expect(model.input.preprocessing!.name).toBe(withPreprocessing ? "raw" : "caffe");
      const { logits } = await forward(model, preprocess(model.input, [photo]));
      for (const [at, value] of logits.data.entries())
        expect(value / expected.logits.data[at]!).toBeCloseTo(1, 4);
    }
  });

  test.each([keras, tfjs])("$name says its task", async (format) => {
    const labels = await openModel(written(format, task("multi-label", ["a"])));
    expect([labels.task, labels.classes]).toEqual(["multi-label", ["a"]]);
    const value = await openModel(
      written(format, withScale(task("regression", ["age"]), { mean: 40, deviation: 12 })),
    );
    expect([value.task, value.classes]).toEqual(["regression", ["age"]]);
    expect(value.graph.outputs.map(({ name }) => name)).toEqual(["logits", "value"]);
  });

  test("what is said goes before what the file says", async () => {
    const file = written(keras, small());
    const model = await openModel(file, { classes: ["x", "y", "z"], preprocessing: "tf" });
    expect([model.classes, model.input.preprocessing!.name]).toEqual([["x", "y", "z"], "tf"]);
  });

  test.each<[string, (description: Record<string, unknown>) => unknown]>([
    ["no classes", (description) => ({ ...description, classes: "abc" })],
    ["no task of ours", (description) => ({ ...description, task: "detection" })],
    ["no input", ({ classes }) => ({ classes })],
    ["no filter of ours", (description) => ({ ...description, input: { channels: 3, filter: "sinc" } })],
    [
      "other channels",
      (description) => ({ ...description, input: { channels: 1, preprocessing: presetFor("tf", 1) } }),
    ],
    ["no object", () => 7],
  ])("a description with %s is refused", async (_, change) => {
    const folder = written(tfjs, small());
    const path = join(folder, "model.json");
    const json = JSON.parse(readFileSync(path, "utf8"));
    json.userDefinedMetadata.convscope = change(json.userDefinedMetadata.convscope);
    writeFileSync(path, JSON.stringify(json));
    await expect(openModel(folder)).rejects.toThrow(
      `${path} has a broken description of its classes; export it again.`,
    );
  });
});

test("the operators that layers do stand in docs/export.md", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../docs/export.md"), "utf8");
  expect(Object.keys(rules).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe("what layers cannot do is refused", () => {
  const of = (build: (g: GraphBuilder, x: Value) => Value): Network => {
    const network = new NetworkBuilder({ name: "image", channels: 3, height: 9, width: 9 }, 3);
    const x = conv2d(network, network.input(), { filters: 4, kernel: 3, relu: false });
    const y = network.layer("Odd", "odd", () => build(network.g, x));
    const row = y.shape!.length === 2 ? y : flatten(network, y);
    return network.finish("odd", dense(network, row, { units: 3 }), ["a", "b", "c"]);
  };
  const weight = (g: GraphBuilder, ...shape: number[]): Value =>
    g.constant(float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1)));
  const refused = (network: Network, message: string): void => {
    for (const format of [tfjs, keras])
      expect(() => format.write(network, {})).toThrow(
        `The layer "odd" ${message}; export the network as onnx.`,
      );
  };

  test.each<[string, (g: GraphBuilder, x: Value) => Value]>([
    ["(Erf) has no counterpart among Keras's", op.erf],
    [
      "(MaxPool) pads numbers that may be below zero, which Keras's zeros would exceed",
      (g, x) => op.maxPool(g, x, [3, 3], { strides: [2, 2], pads: [1, 1, 0, 0] }),
    ],
    [
      "(MaxPool) is dilated, as no pooling of Keras's is",
      (g, x) => op.maxPool(g, x, [2, 2], { dilations: [2, 2] }),
    ],
    [
      "(AveragePool) averages over padding in a way that Keras does not have",
      (g, x) => op.averagePool(g, x, [3, 3], { strides: [2, 2], pads: [1, 1, 0, 0] }),
    ],
    [
      "(Conv) strides and is dilated, of which Keras does one alone",
      (g, x) => op.conv(g, x, weight(g, 2, 4, 2, 2), undefined, { strides: [2, 2], dilations: [2, 2] }),
    ],
    ["(Softmax) goes along axis 2, not along classes or channels", (g, x) => op.softmax(g, x, 2)],
    [
      "(Mul) has a constant [1, 1, 7, 7] in it, not a number for each channel",
      (g, x) => op.mul(g, x, weight(g, 1, 1, 7, 7)),
    ],
    [
      "(Add) has a constant [12] in it, not a number for each channel",
      (g, x) =>
        op.add(g, op.conv(g, op.pad(g, x, [0, 0, 0, 5, 0, 0, 0, 0]), weight(g, 12, 4, 1, 1)), weight(g, 12)),
    ],
    ["(PRelu) has other slopes than one for each channel", (g, x) => op.prelu(g, x, weight(g, 4, 7, 1))],
    ["(Div) has a constant in it", (g, x) => op.div(g, weight(g), x)],
    ["(Sub) works on values as no layer of Keras's does", (g, x) => op.sub(g, x, op.tanh(g, x))],
    ["(Clip) clips at other values than zero below", (g, x) => op.clip(g, x, weight(g), weight(g))],
    ["(ReduceMean) reduces axes 1", (g, x) => op.reduceMean(g, x, [1])],
    ["(Conv) has weights that the graph computes", (g, x) => op.conv(g, x, op.exp(g, weight(g, 2, 4, 1, 1)))],
    ["(Pad) pads otherwise than with zeros around maps", (g, x) => op.pad(g, x, [0, 1, 0, 0, 0, 0, 0, 0])],
  ])("%s", (message, build) => refused(of(build), message));

  test("an axis in the place of the batch", () => {
    const mixed = of((g, x) => {
      const one = op.conv(g, x, weight(g, 1, 4, 1, 1));
      return op.transpose(g, op.transpose(g, one, [1, 0, 2, 3]), [1, 0, 2, 3]);
    });
    expect(() => keras.write(mixed, {})).toThrow(
      'The layer "odd/Transpose" (Transpose) moves the batch to another axis; export the network as onnx.',
    );
  });

  test("by TensorFlow.js alone", async () => {
    const grouped = of((g, x) => op.conv(g, x, weight(g, 6, 2, 3, 3), undefined, { group: 2 }));
    const bent = of((g, x) => op.elu(g, x, 0.5));
    const message = (what: string): string =>
      `The layer "odd" has ${what}, as no layer of TensorFlow.js has; export the network as keras or onnx.`;
    expect(() => tfjs.write(grouped, {})).toThrow(message("2 groups of channels"));
    expect(() => tfjs.write(bent, {})).toThrow(message("ELU with an alpha of 0.5"));
    for (const network of [grouped, bent])
      expect((await exportModel(modelOf(network), { format: "keras" })).difference).toBeLessThan(1e-6);
  });
});

describe.skipIf(!shared)("models from elsewhere", () => {
  test("SqueezeNet as an ONNX file, Tiny VGG as a model of TensorFlow.js", async () => {
    for (const [file, preprocessing] of [
      ["squeezenet1.1.onnx", "imagenet"],
      ["tiny-vgg-tfjs", "unit"],
    ] as const) {
      const model = await openModel(join(shared!, "models", file), { preprocessing });
      for (const format of ["tfjs", "keras"])
        expect((await exportModel(model, { format })).difference).toBeLessThan(1e-6);
    }
  });

  test("Caffe's GoogLeNet has a layer that Keras has not", async () => {
    const model = await openModel(join(shared!, "models/googlenet-bvlc.onnx"));
    expect(() => keras.write(model, {})).toThrow(
      'The layer "pool1/norm1" (LRN) has no counterpart among Keras\'s; export the network as onnx.',
    );
  });
});
