import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, test } from "vitest";
import { gradient } from "../../src/autodiff/gradient.ts";
import { memorySource } from "../../src/base/byte-source.ts";
import { type Random, random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { type KerasGraph, kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import { readKeras } from "../../src/formats/keras/read.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { specialize } from "../../src/graph/graph.ts";

/** Odd, and no square, so that no padding and no order of axes passes for another. */
const [HEIGHT, WIDTH] = [9, 12];
const N = 2;
const engine = nodeEngine();

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const numbers = (draw: Random, size: number, low = -1, high = 1): Float32Array =>
  Float32Array.from({ length: size }, () => draw.uniform(low, high));

/** Weights of our own drawing; variances, the last of four in a batch normalization, must be above 0. */
function draw(model: tfl.LayersModel): void {
  const source = random(5, "weights");
  model.setWeights(
    model.weights.map((weight) => {
      const shape = weight.shape as number[];
      const low = weight.originalName.includes("variance") ? 0.5 : -1;
      return tf.tensor(
        numbers(
          source,
          shape.reduce((a, b) => a * b, 1),
          low,
        ),
        shape,
      );
    }),
  );
}

/** The model as TensorFlow.js saves it, as ours reads it. */
async function saved(model: tfl.LayersModel): Promise<KerasGraph> {
  const kept: { artifacts?: tf.io.ModelArtifacts } = {};
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept.artifacts = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = kept.artifacts!;
  const json = {
    format: "layers-model",
    modelTopology,
    weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  const shard = memorySource(new Uint8Array(weightData as ArrayBuffer));
  return kerasGraph(
    readKeras(bytes, "net", (name) =>
      name === "weights.bin" ? shard : memorySource(new Uint8Array([123, 125])),
    ),
    "net",
    32,
  );
}

const pictures = numbers(random(6, "pictures"), N * HEIGHT * WIDTH * 3);

/** `[N, H, W, C]` as `[N, C, H, W]`. */
function channelsFirst(data: Float32Array): Tensor<"float32"> {
  const out = new Float32Array(data.length);
  const plane = HEIGHT * WIDTH;
  for (let n = 0; n < N; n++)
    for (let place = 0; place < plane; place++)
      for (let channel = 0; channel < 3; channel++)
        out[(n * 3 + channel) * plane + place] = data[(n * plane + place) * 3 + channel]!;
  return float32([N, 3, HEIGHT, WIDTH], out);
}

async function outputOf({ graph }: KerasGraph): Promise<number[]> {
  const program = await engine.compile(specialize(graph, { N }));
  const results = await program.run({ [graph.inputs[0]!.name]: channelsFirst(pictures) });
  await program.dispose();
  return [...(results[graph.outputs[0]!.name]!.data as Float32Array)];
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(scale).toBeGreaterThan(1e-3);
  const worst = expected.reduce((most, value, at) => Math.max(most, Math.abs(actual[at]! - value)), 0);
  expect(worst / scale).toBeLessThan(1e-5);
}

const input = () => tfl.input({ shape: [HEIGHT, WIDTH, 3] });
const l = tfl.layers;
type Symbolic = tfl.SymbolicTensor;
type Build = (x: Symbolic) => Symbolic;
const over =
  (...layers: { apply(x: Symbolic): unknown }[]): Build =>
  (x) =>
    layers.reduce((y, layer) => layer.apply(y) as Symbolic, x);
const conv = (args: Partial<Parameters<typeof l.conv2d>[0]> = {}) =>
  l.conv2d({ filters: 4, kernelSize: 3, ...args });

const cases: Record<string, Build> = {
  "a convolution": over(conv()),
  "a convolution, same": over(conv({ padding: "same", activation: "relu" })),
  "a convolution, same, in steps": over(conv({ padding: "same", strides: 2 })),
  "a convolution, same, in steps, even kernel": over(
    conv({ kernelSize: [2, 4], padding: "same", strides: [2, 3] }),
  ),
  "a convolution, dilated": over(conv({ dilationRate: [2, 1], useBias: false })),
  "a convolution, dilated, same": over(conv({ dilationRate: 2, padding: "same" })),
  "a depthwise convolution": over(l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })),
  "a depthwise convolution, same, in steps": over(
    l.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: "same" }),
  ),
  "a separable convolution": over(
    l.separableConv2d({ filters: 5, kernelSize: 3, padding: "same", activation: "tanh" }),
  ),
  "a transposed convolution": over(l.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 })),
  "a transposed convolution, same": over(
    l.conv2dTranspose({ filters: 2, kernelSize: [3, 4], strides: [2, 3], padding: "same" }),
  ),
  "a transposed convolution, steps over its kernel": over(
    l.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: "same" }),
  ),
  "a convolution of series": over(
    l.reshape({ targetShape: [HEIGHT * WIDTH, 3] }),
    l.conv1d({ filters: 4, kernelSize: 5, strides: 3, padding: "same" }),
  ),
  "a convolution of volumes": over(
    l.reshape({ targetShape: [HEIGHT, 4, 3, 3] }),
    l.conv3d({ filters: 2, kernelSize: [3, 2, 2], strides: [2, 1, 1], padding: "same" }),
  ),
  "max pooling": over(l.maxPooling2d({ poolSize: [2, 3] })),
  "max pooling, same": over(l.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })),
  "average pooling": over(l.averagePooling2d({ poolSize: 3, strides: [1, 2] })),
  "average pooling, same": over(l.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" })),
  "pooling of series": over(
    l.reshape({ targetShape: [HEIGHT * WIDTH, 3] }),
    l.maxPooling1d({ poolSize: 4, strides: 3, padding: "same" }),
    l.averagePooling1d({ poolSize: 3 }),
  ),
  "global average": over(l.globalAveragePooling2d({})),
  "global maximum": over(l.globalMaxPooling2d({})),
  "global pools of series": over(l.reshape({ targetShape: [HEIGHT * WIDTH, 3] }), l.globalMaxPooling1d()),
  padding: over(
    l.zeroPadding2d({
      padding: [
        [1, 0],
        [2, 3],
      ],
    }),
  ),
  cropping: over(
    l.cropping2D({
      cropping: [
        [1, 0],
        [2, 3],
      ],
    }),
  ),
  "enlarging by neighbours": over(l.upSampling2d({ size: [2, 3] })),
  "enlarging smoothly": over(l.upSampling2d({ size: [2, 3], interpolation: "bilinear" })),
  "enlarging what a dense layer gave": over(
    l.dense({ units: 5 }),
    l.upSampling2d({ size: [2, 3], interpolation: "bilinear" }),
    conv(),
  ),
  "a decoder": over(
    l.flatten(),
    l.dense({ units: 24 }),
    l.reshape({ targetShape: [3, 2, 4] }),
    l.upSampling2d({ size: [2, 3] }),
    conv(),
    l.upSampling2d({}),
  ),
  "enlarging axes in another order": over(l.permute({ dims: [3, 1, 2] }), l.upSampling2d({ size: [2, 3] })),
  "batch normalization": over(l.batchNormalization({ epsilon: 0.01 })),
  "batch normalization without scale": over(l.batchNormalization({ scale: false })),
  "batch normalization without centre": over(l.batchNormalization({ center: false })),
  "layer normalization": over(l.layerNormalization({})),
  "layer normalization along two axes": over(l.layerNormalization({ axis: [1, 3], epsilon: 0.1 })),
  "ReLU with a ceiling": over(l.reLU({ maxValue: 0.4 })),
  "leaky ReLU": over(l.leakyReLU({ alpha: 0.2 })),
  "ReLU with learnt slopes": over(l.prelu({ sharedAxes: [1, 2] })),
  "ReLU with a slope for each place": over(l.prelu({})),
  ELU: over(l.elu({})),
  "ReLU from a threshold": over(l.thresholdedReLU({ theta: 0.3 })),
  "softmax over channels": over(l.softmax({ axis: -1 })),
  "a dense layer over channels": over(l.dense({ units: 5, activation: "sigmoid" })),
  "dense layers after flattening": over(conv(), l.flatten(), l.dropout({ rate: 0.5 }), l.dense({ units: 5 })),
  "another shape": over(conv(), l.reshape({ targetShape: [14, 20] }), l.dense({ units: 3 })),
  "axes in another order": over(l.permute({ dims: [3, 1, 2] }), conv({ kernelSize: [2, 3] })),
  repeated: over(l.globalAveragePooling2d({}), l.repeatVector({ n: 3 })),
  "noise, which is for training": over(
    l.gaussianNoise({ stddev: 1 }),
    l.gaussianDropout({ rate: 0.5 }),
    l.alphaDropout({ rate: 0.5 }),
  ),
  "a model in a model": (x) =>
    tfl
      .sequential({ layers: [conv({ inputShape: [HEIGHT, WIDTH, 3] }), l.maxPooling2d({ poolSize: 2 })] })
      .apply(x) as Symbolic,
  "a layer that is called twice": (x) => {
    const shared = conv({ filters: 3, padding: "same" });
    const once = shared.apply(x) as Symbolic;
    return l.add().apply([shared.apply(once) as Symbolic, x]) as Symbolic;
  },
};

for (const activation of [
  "elu",
  "hardSigmoid",
  "linear",
  "relu",
  "relu6",
  "selu",
  "sigmoid",
  "softmax",
  "softplus",
  "softsign",
  "tanh",
  "swish",
  "mish",
  "gelu",
] as const)
  cases[`activation ${activation}`] = over(l.activation({ activation }));

for (const merge of ["add", "multiply", "average", "maximum", "minimum"] as const)
  cases[merge] = (x) =>
    l[merge]().apply([
      conv({ padding: "same" }).apply(x) as Symbolic,
      conv({ padding: "same" }).apply(x) as Symbolic,
    ]) as Symbolic;

for (const axis of [-1, 1, 2, 3])
  cases[`side by side along ${axis}`] = (x) =>
    l.concatenate({ axis }).apply([x, l.activation({ activation: "tanh" }).apply(x) as Symbolic]) as Symbolic;

describe("layers compute what those of TensorFlow.js do", () => {
  test.each(Object.entries(cases))("%s", async (_, build) => {
    const x = input();
    const y = build(x);
    const model = tfl.model({
      inputs: x,
      outputs: y.shape.length > 2 ? (l.flatten().apply(y) as Symbolic) : y,
    });
    draw(model);
    const expected = model.predict(tf.tensor(pictures, [N, HEIGHT, WIDTH, 3])) as tf.Tensor;
    const ours = await saved(model);
    expectClose(await outputOf(ours), [...(expected.dataSync() as Float32Array)]);
    const { graph, layers } = ours;
    const size = (names: readonly string[] = []): number =>
      names.reduce((sum, name) => sum + graph.initializers.get(name)!.shape.reduce((a, b) => a * b, 1), 0);
    const counted = layers.reduce(
      (sum, { parameters, statistics }) => sum + size(parameters) + size(statistics),
      0,
    );
    expect(counted).toBe(model.countParams());
  });
});

test("the gradient of a small network by its pictures", async () => {
  const model = tfl.sequential({
    layers: [
      conv({ inputShape: [HEIGHT, WIDTH, 3], padding: "same", strides: 2, activation: "elu" }),
      l.batchNormalization({}),
      // Where windows hang over, TensorFlow.js's own gradient divides by too many places.
      l.averagePooling2d({ poolSize: 2 }),
      l.flatten(),
      l.dense({ units: 3, activation: "tanh" }),
    ],
  });
  draw(model);
  const slope = tf.grad((x) => tf.sum(model.apply(x) as tf.Tensor));
  const expected = tf.transpose(slope(tf.tensor(pictures, [N, HEIGHT, WIDTH, 3])), [0, 3, 1, 2]);
  const { graph } = await saved(model);
  const g = new GraphBuilder(specialize(graph, { N }));
  const x = g.value(graph.inputs[0]!.name);
  const [found] = gradient(g, g.value(graph.outputs[0]!.name), [x]);
  const program = await engine.compile(g.finish("gradient", { found: found! }));
  const results = await program.run({ [x.name]: channelsFirst(pictures) });
  expectClose([...(results.found!.data as Float32Array)], [...(expected.dataSync() as Float32Array)]);
});
