import { expect, test } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import type { SavedKerasModel, SavedWeight } from "../../src/formats/keras/saved-model.ts";
import { specialize } from "../../src/graph/graph.ts";
import { expectSturdy, patience } from "../fuzz.ts";

const engine = nodeEngine();
const [HEIGHT, WIDTH] = [3, 2];

const layer = (type: string, name: string, config: object = {}) => ({
  class_name: type,
  config: { name, ...config },
});

/** A sequential model that takes `[3, 2, 3]` and ends flat, in Keras's order. */
function model(
  layers: readonly object[],
  weights: Record<string, readonly (readonly number[])[]>,
  version = "2.15.0",
): SavedKerasModel {
  const [first, ...rest] = layers as { config: object }[];
  const begin = { ...first!, config: { ...first!.config, batch_input_shape: [null, HEIGHT, WIDTH, 3] } };
  return {
    model: layer("Sequential", "net", { layers: [begin, ...rest, layer("Flatten", "flat")] }),
    version,
    weights: ([name]) =>
      (weights[name!] ?? []).map(
        (values, at): SavedWeight => ({
          name: `${name}/${at}`,
          shape: [values.length],
          read: () => float32([values.length], values),
        }),
      ),
  };
}

/** Counts up, `[H, W, C]`. */
const pixel = (y: number, x: number, channel: number): number => (y * WIDTH + x) * 3 + channel - 8;
const picture = (): Tensor<"float32"> =>
  float32(
    [1, 3, HEIGHT, WIDTH],
    [0, 1, 2].flatMap((channel) =>
      Array.from({ length: HEIGHT * WIDTH }, (_, at) => pixel(Math.floor(at / WIDTH), at % WIDTH, channel)),
    ),
  );

async function run(saved: SavedKerasModel): Promise<number[]> {
  const { graph } = kerasGraph(saved, "net", 32);
  const program = await engine.compile(specialize(graph, { N: 1 }));
  const { [graph.outputs[0]!.name]: y } = await program.run({ [graph.inputs[0]!.name]: picture() });
  await program.dispose();
  return [...(y!.data as Float32Array)];
}

/** What a function of height, width and channel gives at each place, in Keras's order. */
const each = (value: (y: number, x: number, channel: number) => number): number[] =>
  Array.from({ length: HEIGHT * WIDTH * 3 }, (_, at) =>
    value(Math.floor(at / (WIDTH * 3)), Math.floor(at / 3) % WIDTH, at % 3),
  );

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(actual[at]).toBeCloseTo(value, 4);
}

test("batch normalization along another axis than channels", async () => {
  const [gamma, beta, mean, variance] = [
    [1, 2, 3],
    [0, 1, -1],
    [-4, 0, 4],
    [1, 4, 9],
  ] as const;
  const saved = model([layer("BatchNormalization", "norm", { axis: [1], epsilon: 0 })], {
    norm: [gamma, beta, mean, variance],
  });
  expectClose(
    await run(saved),
    each((y, x, c) => ((pixel(y, x, c) - mean[y]!) / Math.sqrt(variance[y]!)) * gamma[y]! + beta[y]!),
  );
});

test("group normalization: over places and a group's channels", async () => {
  const saved = model(
    [layer("GroupNormalization", "norm", { groups: 3, axis: -1, epsilon: 0 })],
    {
      norm: [
        [1, 2, 3],
        [0, 1, 2],
      ],
    },
    "3.5.0",
  );
  const places = Array.from({ length: HEIGHT * WIDTH }, (_, at) => 3 * at - 8);
  const middle = places.reduce((a, b) => a + b) / places.length;
  const deviation = Math.sqrt(places.reduce((sum, value) => sum + (value - middle) ** 2, 0) / places.length);
  expectClose(
    await run(saved),
    each((y, x, c) => ((pixel(y, x, c) - c - middle) / deviation) * (c + 1) + c),
  );
});

test("rescaling, by one number or one a channel, and normalization by what was measured", async () => {
  const scaled = model([layer("Rescaling", "scale", { scale: 0.5, offset: [1, 2, 3] })], {});
  expectClose(
    await run(scaled),
    each((y, x, c) => pixel(y, x, c) * 0.5 + c + 1),
  );
  const normalized = model(
    [layer("Normalization", "norm", { axis: [-1], mean: [[[[1, 2, 3]]]], variance: [[[[1, 4, 9]]]] })],
    {},
    "3.5.0",
  );
  expectClose(
    await run(normalized),
    each((y, x, c) => (pixel(y, x, c) - c - 1) / (c + 1)),
  );
});

test("hard sigmoid is another in Keras 3", async () => {
  const hard = [layer("Activation", "act", { activation: "hard_sigmoid" })];
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  expectClose(
    await run(model(hard, {}, "2.15.0")),
    each((y, x, c) => clip(0.2 * pixel(y, x, c) + 0.5)),
  );
  expectClose(
    await run(model(hard, {}, "3.5.0")),
    each((y, x, c) => clip(pixel(y, x, c) / 6 + 0.5)),
  );
});

test("random augmentation does nothing to what is looked at", async () => {
  const saved = model(
    [layer("RandomFlip", "flip", { mode: "horizontal" }), layer("RandomRotation", "turn", { factor: 0.1 })],
    {},
    "3.5.0",
  );
  expectClose(await run(saved), each(pixel));
});

test.each<[string, SavedKerasModel, string]>([
  [
    "a layer of the maker's own",
    model([layer("Squash", "squash")], {}),
    'net: layer "squash" (Squash) is of a class that is not known here; put a layer of Keras in its place, or export the model as ONNX.',
  ],
  [
    "a weight of another shape, with both",
    model([layer("BatchNormalization", "norm")], { norm: [[1, 2]] }),
    'net: layer "norm" (BatchNormalization) needs gamma [3], but norm/0 is [2]; save the model again.',
  ],
  [
    "a weight that is missing",
    model([layer("BatchNormalization", "norm")], {}),
    'net: layer "norm" (BatchNormalization) needs gamma [3], which the file has not; save the model again.',
  ],
  [
    "two layers of one name",
    model([layer("ReLU", "act"), layer("ReLU", "act")], {}),
    'has two layers called "act".',
  ],
  [
    "no model",
    { ...model([layer("ReLU", "act")], {}), model: layer("Dense", "dense") },
    "net holds Dense, which is no Sequential or functional model",
  ],
])("%s is refused", (_, saved, message) => {
  expect(() => kerasGraph(saved, "net", 32)).toThrow(message);
});

test("layers that wait for each other are refused", () => {
  const node = (name: string, from: string) => ({
    ...layer("ReLU", name),
    name,
    inbound_nodes: [[[from, 0, 0, {}]]],
  });
  const start = {
    ...layer("InputLayer", "x", { batch_input_shape: [null, 4, 4, 3] }),
    name: "x",
    inbound_nodes: [],
  };
  const functional = layer("Functional", "net", {
    layers: [start, node("a", "b"), node("b", "a")],
    input_layers: [["x", 0, 0]],
    output_layers: [["b", 0, 0]],
  });
  expect(() => kerasGraph({ model: functional, weights: () => [] }, "net", 32)).toThrow(
    'does not say where "a" has its tensors from, or goes round in a circle.',
  );
});

test("damaged configs become graphs, or are refused in words", { timeout: patience }, () => {
  const layers = [
    layer("Conv2D", "conv", {
      filters: 2,
      kernel_size: [2, 2],
      padding: "same",
      activation: "relu",
      use_bias: false,
    }),
    layer("MaxPooling2D", "pool", { pool_size: [2, 2], padding: "same" }),
    layer("Reshape", "shape", { target_shape: [4] }),
    layer("Dense", "dense", { units: 2, activation: "softmax" }),
  ];
  const text = JSON.stringify(model(layers, {}).model);
  const weights: SavedKerasModel["weights"] = ([name]) => {
    const shapes = name === "conv" ? [[2, 2, 3, 2]] : name === "dense" ? [[4, 2], [2]] : [];
    return shapes.map((shape) => ({ name: "w", shape, read: () => float32(shape, []) }));
  };
  expectSturdy([new TextEncoder().encode(text)], "net", (bytes) => {
    let config: SavedKerasModel["model"];
    try {
      config = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof config?.class_name !== "string") return;
    } catch {
      // What is no JSON does not come so far.
      return;
    }
    kerasGraph({ model: config, weights }, "net", 32);
  });
});
