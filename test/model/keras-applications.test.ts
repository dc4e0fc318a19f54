import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import type { io } from "@tensorflow/tfjs-core";
import { models } from "@tensorflow/tfjs-layers";
import { afterAll, describe, expect, test } from "vitest";
import { float32, sizeOf } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { initializerTensor, specialize } from "../../src/graph/graph.ts";
import { type ArchitectureName, architectures } from "../../src/model/architectures/index.ts";
import type { Network } from "../../src/model/model.ts";
import { applicationLayers } from "../../src/model/weights/keras-applications/application.ts";
import {
  type FunctionalLayer,
  functionalObject,
} from "../../src/model/weights/keras-applications/functional-model.ts";
import { kerasApplications } from "../../src/model/weights/keras-applications/index.ts";
import { openWeights } from "../../src/model/weights/open.node.ts";
import { type Content, writeHdf5 } from "../formats/hdf5-file.ts";

const desk = mkdtempSync(join(tmpdir(), "convscope-keras-applications-"));
afterAll(() => rmSync(desk, { recursive: true }));

const layersOf = (name: ArchitectureName, scores = 1000): FunctionalLayer[] =>
  applicationLayers(kerasApplications[name]!, architectures[name].size, scores);

const weighted = (layers: readonly FunctionalLayer[]): FunctionalLayer[] =>
  layers.filter(({ weights }) => Object.keys(weights).length > 0);

/** FNV-1a of the key, counted up and mixed as MurmurHash3 ends: the same numbers in any language. */
function uniform(key: string, size: number, low: number, high: number): Float32Array {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  const numbers = new Float32Array(size);
  for (let at = 0; at < size; at++) {
    let h = (hash + at) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    numbers[at] = low + ((high - low) * ((h ^ (h >>> 16)) >>> 0)) / 2 ** 32;
  }
  return numbers;
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  gamma: [0.65, 1.15],
  moving_variance: [0.5, 1.5],
  mean: [0.4, 0.5],
  variance: [0.2, 0.25],
  count: [0, 0],
};

function numbersOf(layer: string, role: string, shape: readonly number[]): Float32Array {
  const fan = sizeOf(role === "kernel" ? shape.slice(0, -1) : shape.slice(0, 2));
  const limit = role.endsWith("kernel") ? Math.sqrt(6 / fan) : 0.1;
  const [low, high] = ranges[role] ?? [-limit, limit];
  return uniform(`${layer}/${role}`, sizeOf(shape), low, high);
}

/** A file of weights as Keras 2 writes it. @param rename what a layer is called in it */
function kerasFile(
  name: string,
  layers: readonly FunctionalLayer[],
  rename = (layer: string): string => layer,
): string {
  const groups = layers.map(({ name: own, weights }): [string, Content] => {
    const layer = rename(own);
    const roles = Object.entries(weights);
    const datasets = roles.map(([role, shape]) => {
      const data = numbersOf(own, role, shape);
      const scalar = shape.length === 0;
      const dataset = scalar ? { data: data[0]!, dtype: "<f" } : { data, shape: [...shape] };
      return [`${layer}/${role}:0`, dataset] as const;
    });
    const names = roles.length > 0 ? datasets.map(([key]) => key) : new Float64Array();
    return [layer, { attributes: { weight_names: names }, datasets: Object.fromEntries(datasets) }];
  });
  const bytes = writeHdf5({
    attributes: { layer_names: layers.map((layer) => rename(layer.name)), keras_version: "2.15.0" },
    groups: Object.fromEntries(groups),
  });
  writeFileSync(join(desk, name), bytes);
  return join(desk, name);
}

/** The name of a layer that Keras numbered, in a session that had made such a network before. */
const later = (layer: string): string =>
  layer.replace(
    /^(conv2d|batch_normalization)(?:_(\d+))?$/,
    (_, stem, number = "0") => `${stem}_${Number(number) + 94}`,
  );

async function logitsOf({ graph, input }: Network): Promise<Float32Array> {
  const shape = [1, 3, input.height, input.width];
  const [low, high] = input.preprocessing!.name === "raw" ? [0, 255] : [-1, 1];
  const picture = float32(shape, uniform("picture", sizeOf(shape), low, high));
  const program = await nodeEngine().compile(specialize(graph, { N: 1 }));
  const { logits } = await program.run({ [input.name]: picture });
  await program.dispose();
  return logits!.data as Float32Array;
}

test("parameters are counted as Keras publishes them, with the classifier and without", () => {
  const published: Partial<Record<ArchitectureName, [whole: number, headless: number]>> = {
    resnet50: [25_636_712, 23_587_712],
    resnet101: [44_707_176, 42_658_176],
    "mobilenet-v2": [3_538_984, 2_257_984],
    densenet121: [8_062_504, 7_037_504],
    "efficientnet-b0": [5_330_571, 4_049_571],
    "inception-v3": [23_851_784, 21_802_784],
  };
  expect(Object.keys(published).sort()).toEqual(Object.keys(kerasApplications).sort());
  for (const [name, counts] of Object.entries(published)) {
    const layers = layersOf(name as ArchitectureName);
    const count = (of: readonly FunctionalLayer[]): number =>
      of.flatMap(({ weights }) => Object.values(weights).map(sizeOf)).reduce((a, b) => a + b, 0);
    expect([count(layers), count(layers.slice(0, -1))], name).toEqual(counts);
  }
});

test.each(["resnet50", "mobilenet-v2", "densenet121", "inception-v3"] as const)(
  "layers of %s come in the order that TensorFlow.js finds for them",
  async (name) => {
    const layers = layersOf(name);
    const { config } = functionalObject(name, layers) as { config: Record<string, unknown> };
    // In the order of their names, which says nothing.
    const shuffled = (config.layers as { name: string; config: object }[])
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((layer) => ({
        ...layer,
        config: {
          ...layer.config,
          kernel_initializer: "zeros",
          depthwise_initializer: "zeros",
        },
      }));
    const topology = { class_name: "Model", config: { ...config, layers: shuffled } };
    const built = await models.modelFromJSON({
      modelTopology: topology as unknown as io.ModelJSON["modelTopology"],
    } as io.ModelJSON);
    expect(built.layers.map((layer) => layer.name)).toEqual(layers.map((layer) => layer.name));
  },
);

describe("logits and shapes of a file's network", () => {
  interface Case {
    readonly name: ArchitectureName;
    readonly preprocessing: string;
    /** `[C, H, W]` of what comes out of a layer, from Keras's published summaries. */
    readonly shapes: Readonly<Record<string, readonly number[]>>;
    /** At every 250th class, and the last, by the layers of Keras's own source written out in PyTorch, in float64. */
    readonly logits: readonly number[];
  }
  const cases: readonly Case[] = [
    {
      name: "resnet50",
      preprocessing: "caffe",
      shapes: {
        pool1_pool: [64, 56, 56],
        conv2_block3_out: [256, 56, 56],
        conv3_block1_1_conv: [128, 28, 28],
        conv5_block3_out: [2048, 7, 7],
      },
      logits: [-236.041782, -160.571096, -228.14256, 239.501313, 332.359621],
    },
    {
      name: "mobilenet-v2",
      preprocessing: "tf",
      shapes: {
        Conv1: [32, 112, 112],
        block_1_pad: [96, 113, 113],
        block_1_depthwise: [96, 56, 56],
        block_16_project: [320, 7, 7],
        out_relu: [1280, 7, 7],
      },
      logits: [0.236675103, -2.73891045, -2.32246311, 1.30191904, -1.34548295],
    },
    {
      name: "densenet121",
      preprocessing: "imagenet",
      shapes: {
        "conv1/relu": [64, 112, 112],
        conv2_block6_concat: [256, 56, 56],
        pool2_pool: [128, 28, 28],
        relu: [1024, 7, 7],
      },
      logits: [-0.116532039, -0.300650976, 0.395264972, -0.306389204, -0.341322993],
    },
    {
      name: "inception-v3",
      preprocessing: "tf",
      shapes: {
        mixed0: [256, 35, 35],
        mixed2: [288, 35, 35],
        mixed3: [768, 17, 17],
        mixed8: [1280, 8, 8],
        mixed9_1: [768, 8, 8],
        mixed10: [2048, 8, 8],
      },
      logits: [-0.632659586, 7.49168443, -1.78911576, -2.61429783, 5.3184616],
    },
    {
      name: "efficientnet-b0",
      preprocessing: "raw",
      shapes: {
        stem_conv_pad: [3, 225, 225],
        block3a_dwconv_pad: [144, 59, 59],
        block3a_se_reduce: [6, 1, 1],
        block6d_add: [192, 7, 7],
        top_activation: [1280, 7, 7],
      },
      logits: [-0.0825123381, -0.0387559295, 0.0239459563, 0.196835138, -0.076263443],
    },
  ];
  test.each(cases)("$name", async ({ name, preprocessing, shapes, logits }) => {
    const path = kerasFile(`${name}.h5`, layersOf(name), later);
    const { network, fresh } = openWeights(architectures[name], path);
    expect(fresh).toEqual([]);
    expect(network.input.preprocessing!.name).toBe(preprocessing);
    for (const [layer, shape] of Object.entries(shapes)) {
      const { output } = network.layers.find((one) => one.name === layer)!;
      expect(network.graph.values.get(output)!.shape, layer).toEqual(["N", ...shape]);
    }
    const found = await logitsOf(network);
    rmSync(path);
    expect(found).toHaveLength(1000);
    const scale = Math.max(...logits.map(Math.abs));
    [0, 250, 500, 750, 999].forEach((at, index) => {
      expect(Math.abs(found[at]! - logits[index]!) / scale, `class ${at}`).toBeLessThan(1e-5);
    });
  });
});

const mobilenet = architectures["mobilenet-v2"];
const headless = (): string => kerasFile("notop.h5", layersOf("mobilenet-v2").slice(0, -1));
const numbers = ({ graph }: Network, name: string): number[] =>
  Array.from(initializerTensor(graph.initializers.get(name)!).data as Float32Array);

test("weights that Keras 3 keeps by class and number are those of the layers in its order", () => {
  const counts = new Map<string, number>();
  const kinds: Record<string, string> = {
    BatchNormalization: "batch_normalization",
    Conv2D: "conv2d",
    Dense: "dense",
    DepthwiseConv2D: "depthwise_conv2d",
  };
  const groups = weighted(layersOf("mobilenet-v2")).map(({ name, type, weights }): [string, Content] => {
    const kind = kinds[type]!;
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const datasets = Object.entries(weights).map(([role, shape], at) => [
      String(at),
      { data: numbersOf(name, role, shape), shape: [...shape] },
    ]);
    return [`layers/${count ? `${kind}_${count}` : kind}/vars`, { datasets: Object.fromEntries(datasets) }];
  });
  const path = join(desk, "mobilenet.weights.h5");
  writeFileSync(path, writeHdf5({ groups: Object.fromEntries(groups) }));
  const { network } = openWeights(mobilenet, path);
  for (const [layer, role] of [
    ["block_16_project_BN", "moving_variance"],
    ["block_9_depthwise_BN", "beta"],
    ["predictions", "bias"],
  ] as const) {
    const name = `${layer}/${role}`;
    const { shape } = network.graph.initializers.get(name)!;
    expect(numbers(network, name), name).toEqual([...numbersOf(layer, role, shape)]);
  }
});

describe("the classifier", () => {
  test("is drawn anew where the file has none, if that is asked for", async () => {
    const path = headless();
    expect(() => openWeights(mobilenet, path)).toThrow(
      /notop\.h5 has no "predictions\/kernel", nor 1 more of the 262 weights of mobilenet-v2; it was saved without its classifier; take it for the rest \(--fresh-head\)\.$/,
    );
    const classes = ["cat", "dog", "fox"];
    const { network, fresh } = openWeights(mobilenet, path, { classes, freshHead: true });
    expect(fresh).toEqual(["predictions/kernel", "predictions/bias"]);
    expect(network.classes).toEqual(classes);
    expect(numbers(network, "predictions/bias")).toEqual([0, 0, 0]);
    // Uniform in ±√(6 / (1280 + 3)): deviation √(2 / 1283).
    const kernel = numbers(network, "predictions/kernel");
    const power = kernel.reduce((sum, value) => sum + value ** 2, 0) / kernel.length;
    expect(Math.sqrt(power)).toBeCloseTo(Math.sqrt(2 / 1283), 3);
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / 1283));
    expect(await logitsOf(network)).toHaveLength(3);
  });

  test("has one score for two classes, the second's over the first's", () => {
    const path = kerasFile("two.h5", layersOf("mobilenet-v2", 2));
    const { network, fresh } = openWeights(mobilenet, path, { classes: ["cat", "dog"] });
    expect(fresh).toEqual([]);
    const bias = numbersOf("predictions", "bias", [2]);
    expect(numbers(network, "predictions/bias")).toEqual([Math.fround(bias[1]! - bias[0]!)]);
    const kernel = numbersOf("predictions", "kernel", [1280, 2]);
    expect(numbers(network, "predictions/kernel")[7]).toBe(Math.fround(kernel[15]! - kernel[14]!));
  });

  test("for other classes is named by their number", () => {
    const path = kerasFile("seven.h5", layersOf("mobilenet-v2", 7));
    expect(() => openWeights(mobilenet, path)).toThrow(
      /"predictions\/kernel" is \[1280, 1000\] in mobilenet-v2 but \[1280, 7\] in .*seven\.h5; name its 7 classes \(--classes\), or train/,
    );
  });
});

describe("a file of another architecture", () => {
  const beginning = (name: ArchitectureName): string =>
    kerasFile("other.h5", weighted(layersOf(name)).slice(0, 3));

  test("is refused with the weight that does not fit, and both shapes", () => {
    expect(() => openWeights(architectures.resnet50, beginning("mobilenet-v2"))).toThrow(
      /^"conv1_conv\/kernel" is \[7, 7, 3, 64\] in resnet50 but \[3, 3, 3, 32\] in .*other\.h5; is it another architecture's\?$/,
    );
  });

  test("is refused where it ends too early, or goes on", () => {
    expect(() => openWeights(mobilenet, beginning("mobilenet-v2"))).toThrow(
      /has no "expanded_conv_depthwise_BN\/gamma", nor 255 more of the 262 weights of mobilenet-v2; is it/,
    );
    const more = { name: "extra", type: "Dense", config: {}, inputs: [], weights: { bias: [4] } };
    const path = kerasFile("more.h5", [...layersOf("mobilenet-v2"), more]);
    expect(() => openWeights(mobilenet, path)).toThrow(
      /more\.h5 holds extra\/extra\/bias:0, which mobilenet-v2 has not; is it another architecture's\?$/,
    );
  });
});
