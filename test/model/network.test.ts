import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { resizePicture } from "../../src/base/resize-picture.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { initializerTensor } from "../../src/graph/graph.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { activations } from "../../src/inspect/activations.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { type OpenOptions, openModel } from "../../src/model/open.node.ts";
import { forward, predict, toBatch } from "../../src/model/predict.ts";
import { preprocess, presets } from "../../src/model/preprocessing.ts";
import { closeModel } from "../../src/model/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "convscope-model-"));
afterAll(() => rmSync(folder, { recursive: true }));

const small = { size: 24, filters: [4, 8], units: 6 };
const noise = (seed: number, shape: readonly number[]): Tensor<"float32"> => {
  const source = random(seed, "noise");
  return float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => source.next()),
  );
};

describe("initial weights", () => {
  const network = smallConvnet({ classes: ["a", "b"], seed: 3 });
  const weight = (name: string) =>
    initializerTensor(network.graph.initializers.get(name)!).data as Float32Array;

  test("are Glorot-uniform: bounded by √(6 / (fan in + fan out)), with that variance, biases zero", () => {
    for (const [name, fanIn, fanOut] of [
      ["conv2d_1/kernel", 32 * 9, 64 * 9],
      ["dense/kernel", 6272, 512],
    ] as const) {
      const limit = Math.sqrt(6 / (fanIn + fanOut));
      const data = weight(name);
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeLessThanOrEqual(limit);
      expect(largest).toBeGreaterThan(0.99 * limit);
      const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
      expect(variance / (limit ** 2 / 3)).toBeCloseTo(1, 1);
    }
    expect(weight("dense/bias").every((value) => value === 0)).toBe(true);
  });

  test("follow the seed", () => {
    const again = smallConvnet({ classes: ["a", "b"], seed: 3 }).graph.initializers.get("conv2d/kernel")!;
    const other = smallConvnet({ classes: ["a", "b"], seed: 4 }).graph.initializers.get("conv2d/kernel")!;
    expect(initializerTensor(again).data).toEqual(weight("conv2d/kernel"));
    expect(initializerTensor(other).data).not.toEqual(weight("conv2d/kernel"));
  });
});

describe("a model written and opened", () => {
  test.each([2, 3])("says the same, with its classes and layers (%i classes)", async (count) => {
    const classes = ["ant", "bee", "cow"].slice(0, count);
    const network = smallConvnet({ ...small, classes });
    const path = join(folder, `${count}.onnx`);
    writeFileSync(path, writeOnnx(network.graph));
    const model = await openModel(path);
    expect(model.classes).toEqual(classes);
    expect(model.input).toEqual(network.input);
    expect(model.layers).toEqual(network.layers);
    const inputs = noise(1, [5, 3, 24, 24]);
    const before = await forward({ ...network, source: "memory", engine: nodeEngine() }, inputs);
    const after = await forward(model, inputs);
    expect(after.logits).toEqual(before.logits);
    expect(after.probabilities!.shape).toEqual([5, count]);
    for (let row = 0; row < 5; row++) {
      const total = after.probabilities!.data.slice(row * count, (row + 1) * count).reduce((a, b) => a + b);
      expect(total).toBeCloseTo(1, 6);
    }
  });

  test("two classes share a logit with opposite signs", async () => {
    const network = smallConvnet({ ...small, classes: ["cat", "dog"] });
    const scores = await predict(
      { ...network, source: "memory", engine: nodeEngine() },
      noise(2, [3, 24, 24]),
    );
    const [cat, dog] = ["cat", "dog"].map((label) => scores.find((score) => score.label === label)!) as [
      (typeof scores)[0],
      (typeof scores)[0],
    ];
    expect(cat.logit).toBe(-dog.logit);
    expect(dog.probability).toBeCloseTo(1 / (1 + Math.exp(-dog.logit)), 6);
    expect(scores[0]!.probability).toBeGreaterThanOrEqual(scores[1]!.probability);
  });
});

describe("opening what is no model", () => {
  test.each([
    [
      "nothing there",
      () => join(folder, "missing.onnx"),
      /^There is no model at .*missing\.onnx; give a run folder or the file of a model\.$/,
    ],
    [
      "text",
      () => {
        writeFileSync(join(folder, "text.onnx"), "hello, this is not a model");
        return join(folder, "text.onnx");
      },
      /text\.onnx is truncated or not an ONNX file/,
    ],
    [
      "cut short",
      () => {
        const bytes = writeOnnx(smallConvnet({ ...small, classes: ["a", "b"] }).graph);
        writeFileSync(join(folder, "cut.onnx"), bytes.subarray(0, bytes.length / 2));
        return join(folder, "cut.onnx");
      },
      /cut\.onnx is truncated or not an ONNX file/,
    ],
    [
      "ours, with what it says itself",
      () => {
        const { graph } = smallConvnet({ ...small, classes: ["a", "b"] });
        writeFileSync(join(folder, "ours.onnx"), writeOnnx(graph));
        return join(folder, "ours.onnx");
      },
      /ours\.onnx says its own preprocessing; leave it out\.$/,
      { preprocessing: "tf" },
    ],
    [
      "a folder without a model",
      () => folder,
      /holds neither model\.onnx nor model\.json; give the file of a model, or a run folder whose first epoch has ended\.$/,
    ],
  ] as const)("%s", async (_, make, message, options: OpenOptions = {}) => {
    await expect(openModel(make(), options)).rejects.toThrow(message);
  });
});

describe("a description that a file of ours should not have", () => {
  const { graph, input, classes, layers } = smallConvnet({ ...small, classes: ["a", "b"] });
  const said = { format: 2, input, classes, layers };
  const [first] = layers;
  const open = (description: unknown) => {
    const metadata = new Map([["convscope", JSON.stringify(description)]]);
    writeFileSync(join(folder, "said.onnx"), writeOnnx({ ...graph, metadata }));
    return openModel(join(folder, "said.onnx"));
  };

  test("is none if it is whole", async () => {
    expect((await open(said)).classes).toEqual(["a", "b"]);
    expect((await open({ ...said, input: { ...input, preprocessing: undefined } })).layers).toEqual(layers);
  });

  test.each([
    ["no classes", { classes: undefined }],
    ["a class too many", { classes: ["a", "b", "c"] }],
    ["classes by number", { classes: [1, 2] }],
    ["no input", { input: undefined }],
    ["an input of another name", { input: { ...input, name: "other" } }],
    ["another size", { input: { ...input, width: 1e9 } }],
    ["an impossible crop", { input: { ...input, crop: 0 } }],
    ["an unknown filter", { input: { ...input, filter: "sinc" } }],
    ["half a preprocessing", { input: { ...input, preprocessing: { order: "RGB", mean: [0, 0, 0] } } }],
    ["levels of one channel", { input: { ...input, preprocessing: { ...presets.tf, mean: [0] } } }],
    ["no layers", { layers: undefined }],
    ["a layer of another graph", { layers: [{ ...first, output: "elsewhere" }] }],
    ["a layer that is none", { layers: [null] }],
  ])("has %s", async (_, change) => {
    await expect(open({ ...said, ...change })).rejects.toThrow(
      /said\.onnx has a broken description of its classes; write the model again\.$/,
    );
  });

  test.each([null, 3, [], {}])("is %j", async (description) => {
    await expect(open(description)).rejects.toThrow(UserError);
  });
});

test("a model of ours that cannot be run is its file's fault, also where something is derived from it; it can be closed", async () => {
  const network = smallConvnet({ ...small, classes: ["a", "b"] });
  const nodes = network.graph.nodes.map((node) => (node.op === "Relu" ? { ...node, op: "Fooify" } : node));
  const model = { ...network, graph: { ...network.graph, nodes }, source: "own.onnx", engine: nodeEngine() };
  const message =
    /^own\.onnx cannot be run \(ONNX Runtime: .*Fooify.*\); its file may be damaged, make it anew\.$/;
  await expect(forward(model, noise(1, [1, 3, 24, 24]))).rejects.toThrow(message);
  await expect(activations(model, noise(1, [1, 3, 24, 24]), { layers: ["dense_1"] })).rejects.toThrow(
    message,
  );
  await expect(closeModel(model)).resolves.toBeUndefined();
});

test("preprocessing: squashed, RGB planes, 0 to 1", () => {
  const source = picture(
    4,
    2,
    Uint8Array.from({ length: 24 }, (_, i) => i * 10),
  );
  const { shape, data } = preprocess(
    { name: "image", channels: 3, width: 4, height: 2, preprocessing: presets.unit },
    [source],
  );
  expect(shape).toEqual([1, 3, 2, 4]);
  expect([...data.slice(0, 4)]).toEqual([0, 30, 60, 90].map((value) => Math.fround(value / 255)));
  expect(data[8]).toBe(Math.fround(10 / 255));
});

test("a tensor of another shape is refused with both shapes", () => {
  expect(() => toBatch({ name: "image", channels: 3, width: 24, height: 20 }, noise(1, [3, 24, 20]))).toThrow(
    "A tensor [3, 24, 20] does not fit the network, which takes [3, 20, 24] or [N, 3, 20, 24].",
  );
});

describe("resizing pictures", () => {
  test("a flat picture stays flat, and the same size is the same picture", () => {
    const flat = picture(7, 5, new Uint8Array(105).fill(200));
    expect(new Set(resizePicture(flat, 3, 9).data)).toEqual(new Set([200]));
    expect(resizePicture(flat, 7, 5)).toBe(flat);
  });

  test("halving takes the triangle filter's weights 1, 3, 3, 1 of eight", () => {
    const row = [0, 0, 80, 160, 240, 240, 240, 240];
    const source = picture(8, 1, Uint8Array.from(row.flatMap((value) => [value, value, value])));
    const half = resizePicture(source, 4, 1);
    // Second pixel: (0 + 3·80 + 3·160 + 240) / 8.
    expect(half.data[3]).toBe(120);
    // At the edge the weights that fall outside are shared out: (3·0 + 3·0 + 80) / 7.
    expect(half.data[0]).toBe(11);
  });
});
