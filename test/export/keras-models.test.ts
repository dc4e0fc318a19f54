import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, scalar, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { keras } from "../../src/export/formats/keras.ts";
import { tfjs } from "../../src/export/formats/tfjs.ts";
import { readKeras } from "../../src/formats/keras/read.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { adoptKeras } from "../../src/model/adopt-keras.ts";
import { type ArchitectureName, architectures } from "../../src/model/architectures/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { conv2d, dense, flatten, globalAveragePooling2d } from "../../src/model/layers/index.ts";
import type { InputSpec, Network } from "../../src/model/model.ts";
import { NetworkBuilder } from "../../src/model/network.ts";
import { forward } from "../../src/model/predict.ts";
import { type Pooling, transfer } from "../../src/model/transfer.ts";
import { loadTfjs, predictTfjs } from "./tfjs-model.ts";
import { undecided } from "./undecided.ts";

const engine = nodeEngine();
const { normal, uniform } = random(7, "export");

const drawn = (shape: readonly number[], low = -1, high = 1): Tensor<"float32"> =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => uniform(low, high)),
  );

/** Numbers on both sides of zero, as networks take them. */
const inputsFor = ({ channels, height, width }: InputSpec, n = 2): Tensor<"float32"> =>
  float32([n, channels, height, width], Float32Array.from({ length: n * channels * height * width }, normal));

async function probabilities(network: Network, inputs: Tensor<"float32">): Promise<number[]> {
  const scores = await forward({ ...network, source: "own.onnx", engine }, inputs);
  return Array.from(scores.probabilities!.data);
}

function expectClose(given: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(given).toHaveLength(expected.length);
  given.forEach((value, at) => {
    expect(Math.abs(value - expected[at]!)).toBeLessThan(tolerance);
  });
}

/** Holds what TensorFlow.js and our reader of Keras's files make of a network against the network. */
async function checkBoth(made: Network): Promise<void> {
  const inputs = inputsFor(made.input);
  const network = await undecided(made, inputs);
  const expected = await probabilities(network, inputs);
  expect(Math.max(...expected)).toBeLessThan(0.95);
  const model = await loadTfjs(tfjs.write(network, {}).files);
  const second = expected.filter((_, at) => at % 2 === 1);
  const given = network.classes.length === 2 ? second : expected;
  expectClose(predictTfjs(model, inputs), given, 1e-6);
  model.dispose();
  const file = keras.write(network, {}).files.get("model.h5")!;
  const again = adoptKeras(readKeras(file, "model.h5"), "model.h5", { classes: network.classes });
  expectClose(await probabilities(again, inputs), expected, 1e-6);
}

/** The parts that an architecture is made of, up to a layer. */
const parts: readonly (readonly [architecture: ArchitectureName, cut: string, pooling: Pooling])[] = [
  ["vgg16", "features.9", "flatten"],
  ["resnet18", "layer2.0.relu_1", "average"],
  ["resnet50", "layer1.0.relu_2", "flatten"],
  ["mobilenet-v2", "features.3.add", "average"],
  ["squeezenet1-1", "features.12.cat", "average"],
  ["densenet121", "features.transition1.pool", "average"],
  ["efficientnet-b0", "features.2.1.add", "average"],
  ["inception-v3", "Mixed_5b.cat", "average"],
  ["googlenet", "inception3a.cat", "average"],
];

describe("architectures with a new head give the same as layers", () => {
  test.each(parts)("%s up to %s", async (name, cut, pooling) => {
    const backbone = architectures[name].build({ size: name === "inception-v3" ? 75 : 34 });
    const head = { classes: ["a", "b", "c"], cut, pooling, units: 4 };
    await checkBoth(transfer(backbone, head).network);
  });

  test.each([2, 3])("the small convnet, %i classes", async (count) => {
    const classes = ["a", "b", "c"].slice(0, count);
    await checkBoth(smallConvnet({ classes, size: 31, filters: [4, 5], units: 6 }));
  });
});

/** A network of what is built over pictures of 9×12, odd and no square, so that no padding and no order of axes passes for another. */
function networkOf(build: (g: GraphBuilder, x: Value) => Value): Network {
  const network = new NetworkBuilder({ name: "image", channels: 3, height: 9, width: 12 }, 3);
  const x = conv2d(network, network.input(), { filters: 6, kernel: 1, relu: false });
  const y = network.layer("Case", "case", () => build(network.g, x));
  const row = y.shape!.length === 2 ? y : flatten(network, y);
  const whole = network.finish("case", dense(network, row, { units: 3 }), ["a", "b", "c"]);
  // The set that has all of the operators.
  return { ...whole, graph: { ...whole.graph, opset: 20 } };
}

const weight = (g: GraphBuilder, ...shape: number[]): Value => g.constant(drawn(shape));
const number = (g: GraphBuilder, value: number): Value => g.constant(scalar(value));
type Build = (g: GraphBuilder, x: Value) => Value;

const cases: Record<string, Build> = {
  "a convolution": (g, x) => op.conv(g, x, weight(g, 5, 6, 3, 2), weight(g, 5)),
  "a convolution, its bias behind it": (g, x) =>
    op.add(g, op.conv(g, x, weight(g, 5, 6, 1, 1)), weight(g, 1, 5, 1, 1)),
  "a convolution of 1×7": (g, x) => op.conv(g, x, weight(g, 5, 6, 1, 7), undefined, { pads: [0, 3, 0, 3] }),
  "a convolution in steps, zeros on all sides": (g, x) =>
    op.conv(g, x, weight(g, 5, 6, 3, 3), undefined, { pads: [1, 1, 1, 1], strides: [2, 2] }),
  "a convolution with other zeros on each side": (g, x) =>
    op.conv(g, x, weight(g, 5, 6, 3, 3), undefined, { pads: [2, 0, 1, 3] }),
  "a dilated convolution": (g, x) =>
    op.conv(g, x, weight(g, 5, 6, 3, 3), undefined, { dilations: [2, 2], pads: [2, 2, 2, 2] }),
  "a depthwise convolution": (g, x) =>
    op.conv(g, x, weight(g, 12, 1, 3, 3), weight(g, 12), { group: 6, strides: [2, 2], pads: [1, 1, 1, 1] }),
  "max pooling": (g, x) => op.maxPool(g, x, [2, 3], { strides: [2, 3] }),
  "max pooling that keeps the size": (g, x) => op.maxPool(g, x, [3, 3], { pads: [1, 1, 1, 1] }),
  "max pooling whose last windows hang over": (g, x) =>
    op.maxPool(g, op.relu(g, x), [3, 3], { strides: [2, 2], ceil: true }),
  "max pooling with zeros around": (g, x) =>
    op.maxPool(g, op.concat(g, [op.relu(g, x), op.sigmoid(g, x)], 1), [3, 3], {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    }),
  "average pooling": (g, x) => op.averagePool(g, x, [3, 2], { strides: [1, 2] }),
  "average pooling, padding not counted": (g, x) => op.averagePool(g, x, [3, 3], { pads: [1, 1, 1, 1] }),
  "average pooling, padding counted": (g, x) =>
    op.averagePool(g, x, [3, 3], { pads: [1, 1, 1, 1], strides: [2, 2], countPadding: true }),
  "the mean of each map": (g, x) => op.reduceMean(g, x, [2, 3]),
  "the maximum of each map, which stays a map": (g, x) => op.reduceMax(g, x, [-1, -2], true),
  "batch normalization": (g, x) =>
    op.batchNormalization(
      g,
      x,
      {
        scale: weight(g, 6),
        bias: weight(g, 6),
        mean: weight(g, 6),
        variance: g.constant(drawn([6], 0.5, 2)),
      },
      0.01,
    ),
  "batch normalization of what was flattened": (g, x) =>
    op.batchNormalization(
      g,
      op.flatten(g, x),
      {
        scale: weight(g, 648),
        bias: weight(g, 648),
        mean: weight(g, 648),
        variance: g.constant(drawn([648], 0.5, 2)),
      },
      0.01,
    ),
  "a ceiling": (g, x) => op.clip(g, x, number(g, 0), number(g, 0.4)),
  ELU: (g, x) => op.elu(g, x, 1),
  SELU: op.selu,
  SiLU: (g, x) => op.mul(g, op.sigmoid(g, x), x),
  "a gate that two read": (g, x) => {
    const gate = op.sigmoid(g, x);
    return op.add(g, op.mul(g, x, gate), gate);
  },
  "hard sigmoid": (g, x) => op.hardSigmoid(g, x, 0.3, 0.4),
  "hard swish": (g, x) =>
    g.node({ op: "HardSwish", inputs: [x], outputs: [{ dtype: x.dtype, shape: x.shape }] })[0]!,
  "hard swish, written out": (g, x) => {
    const gate = op.clip(g, op.add(g, x, number(g, 3)), number(g, 0), number(g, 6));
    return op.div(g, op.mul(g, x, gate), number(g, 6));
  },
  Mish: op.mish,
  GELU: (g, x) => g.node({ op: "Gelu", inputs: [x], outputs: [{ dtype: x.dtype, shape: x.shape }] })[0]!,
  softplus: op.softplus,
  softsign: op.softsign,
  tanh: op.tanh,
  "leaky ReLU": (g, x) => op.leakyRelu(g, x, 0.2),
  "ReLU with learnt slopes": (g, x) => op.prelu(g, x, weight(g, 6, 1, 1)),
  "softmax over channels": (g, x) => op.softmax(g, x, 1),
  "arithmetic with numbers": (g, x) =>
    op.sub(
      g,
      number(g, 0.7),
      op.mul(g, number(g, 0.3), op.sub(g, op.div(g, x, number(g, 0.9)), number(g, 2))),
    ),
  "arithmetic with a number for each channel": (g, x) =>
    op.add(g, op.mul(g, weight(g, 6, 1, 1), op.sub(g, weight(g, 1, 6, 1, 1), x)), weight(g, 6, 1, 1)),
  "arithmetic with a number for each feature": (g, x) => op.mul(g, op.flatten(g, x), weight(g, 648)),
  "squeeze and excitation": (g, x) =>
    op.mul(g, op.sigmoid(g, op.conv(g, op.globalAveragePool(g, x), weight(g, 6, 6, 1, 1))), x),
  sums: (g, x) => op.sum(g, x, op.tanh(g, x), op.relu(g, x)),
  "the larger and the smaller": (g, x) => op.max(g, op.min(g, x, op.tanh(g, x)), op.relu(g, x)),
  "side by side in a row": (g, x) => op.concat(g, [op.flatten(g, x), op.flatten(g, op.tanh(g, x))], 1),
  "flattened, then bent, then weighed": (g, x) =>
    op.relu(g, op.gemm(g, op.tanh(g, op.flatten(g, x)), weight(g, 5, 648), weight(g, 5), { transB: true })),
  "weighed by a product and a sum": (g, x) =>
    op.add(g, op.matMul(g, op.flatten(g, x), weight(g, 648, 5)), weight(g, 5)),
  "a product of parts": (g, x) =>
    op.gemm(g, op.flatten(g, x), weight(g, 648, 5), weight(g, 5), { alpha: 0.5, beta: 2 }),
  "weighed along an axis of places": (g, x) => op.matMul(g, x, weight(g, 12, 5)),
  "channels shuffled": (g, x) => {
    const groups = op.reshape(g, x, [x.shape![0]!, 2, 3, 9, 12]);
    return op.reshape(g, op.transpose(g, groups, [0, 2, 1, 3, 4]), [x.shape![0]!, 6, 9, 12]);
  },
  "channels last and first again": (g, x) =>
    op.transpose(g, op.matMul(g, op.transpose(g, x, [0, 2, 3, 1]), weight(g, 6, 5)), [0, 3, 1, 2]),
  "maps from a row": (g, x) => {
    const row = op.flatten(g, x);
    return op.conv(g, op.tanh(g, op.reshape(g, row, [x.shape![0]!, 6, 9, 12])), weight(g, 2, 6, 3, 3));
  },
  "other maps from a row": (g, x) =>
    op.conv(g, op.reshape(g, op.flatten(g, x), [x.shape![0]!, 3, 18, 12]), weight(g, 2, 3, 3, 3)),
  "zeros around": (g, x) => op.pad(g, x, [0, 0, 1, 2, 0, 0, 3, 0]),
};

for (const axis of [1, 2, 3])
  cases[`side by side along axis ${axis}`] = (g, x) => op.concat(g, [x, op.tanh(g, x)], axis);

describe("operators give the same as layers", () => {
  test.each(Object.entries(cases))("%s", async (_, build) => checkBoth(networkOf(build)));
});

interface Saved {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

function layersOf(network: Network): readonly Saved[] {
  const text = new TextDecoder().decode(tfjs.write(network, {}).files.get("model.json"));
  return JSON.parse(text).modelTopology.model_config.config.layers;
}

describe("the model", () => {
  test("ends in a sigmoid for two classes, in a softmax for more", () => {
    const last = (classes: readonly string[]): unknown =>
      layersOf(smallConvnet({ classes, size: 20, filters: [4] })).at(-1);
    expect(last(["cat", "dog"])).toMatchObject({
      class_name: "Dense",
      config: { name: "dense_1", units: 1, activation: "sigmoid" },
    });
    expect(last(["cat", "dog", "bird"])).toMatchObject({
      class_name: "Dense",
      config: { units: 3, activation: "softmax" },
    });
  });

  test("bears the network's names of layers", () => {
    const network = architectures.resnet18.build({ classes: ["a", "b"], size: 32 });
    const names = layersOf(network).map(({ config }) => config.name);
    // A row needs no flattening.
    const missing = network.layers.filter(({ name }) => !names.includes(name));
    expect(missing.map(({ name }) => name)).toEqual(["flatten"]);
    expect(names.slice(0, 4)).toEqual(["image", "conv1_pad", "conv1", "bn1"]);
  });

  test("has names that Keras takes, each once", () => {
    const network = new NetworkBuilder({ name: "image", channels: 3, height: 4, width: 4 }, 0);
    let x: Value = network.input();
    for (const name of ["_a/b:0", "layer_a_b_0", "image", "ä"])
      x = conv2d(network, x, { filters: 2, kernel: 1, name });
    const logits = dense(network, flatten(network, globalAveragePooling2d(network, x)), { units: 1 });
    const names = layersOf(network.finish("net", logits, ["a", "b"])).map(({ config }) => config.name);
    expect(names).toEqual([
      "image",
      "layer_a_b_0",
      "layer_a_b_0_1",
      "image_1",
      "layer_",
      "global_average_pooling2d",
      "dense",
    ]);
  });
});
