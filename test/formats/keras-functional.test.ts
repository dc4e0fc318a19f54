import { describe, expect, test } from "vitest";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import type { SavedKerasModel } from "../../src/formats/keras/saved-model.ts";
import { called, checkPictureGradient, functional, layer, outputsOf, tensor } from "./keras-model.ts";
import {
  at,
  C,
  channelMeans,
  each,
  expectClose,
  flat,
  H,
  operation,
  pictures,
  range,
  SHAPE,
  softmaxOver,
  W,
} from "./keras-picture.ts";

const x = tensor("picture");
const double = functional(
  SHAPE,
  [called("twice", operation("Multiply", {}), { args: [x, 2] })],
  [["twice", 0, 0]],
);
const plusOne = {
  class_name: "Sequential",
  config: {
    name: "plus",
    layers: [
      layer("InputLayer", { name: "in", batch_shape: [null, ...SHAPE] }),
      layer("Rescaling", { name: "one", scale: 1, offset: 1 }),
    ],
  },
  module: "keras",
};

test("models in a model of Keras 3, each called twice, one of them its output", async () => {
  const inner = { ...double.model, config: { ...(double.model.config as object), name: "double" } };
  const saved = functional(
    SHAPE,
    [
      called("plus", plusOne, { args: [x] }, { args: [tensor("double")] }),
      called("double", inner, { args: [tensor("plus")] }, { args: [tensor("plus", { node: 1 })] }),
      ...flat("plus"),
    ],
    // Calls of a functional model are counted from 1 here, and only here.
    [
      ["plus/flat", 0, 0],
      ["double", 2, 0],
    ],
  );
  const [once, all] = await outputsOf(saved, pictures);
  expectClose(
    once,
    each((...p) => at(...p) + 1),
  );
  // 2 · (2 · (x + 1) + 1), in the graph's own order.
  expectClose(
    all,
    range(C).flatMap((c) => range(H * W).map((place) => 4 * at(Math.floor(place / W), place % W, c) + 6)),
  );
  const names = kerasGraph(saved, "net", 32).layers.map(({ name }) => name);
  expect(names).toEqual(["plus/one", "double/twice", "plus/flat", "plus_1/one", "double_1/twice"]);
});

/** An operation of TensorFlow's that Keras 2 made a layer of, and what it is called with. */
const lambda = (name: string, fn: string, inbound: readonly unknown[], type = "TFOpLambda") => ({
  class_name: type,
  name,
  config: { name, trainable: true, dtype: "float32", function: fn },
  inbound_nodes: [inbound],
});
const of = (kwargs: object, name = "picture") => [name, 0, 0, kwargs];
const flat2 = (from: string) => ({
  ...layer("Flatten", { name: `${from}/flat` }),
  name: `${from}/flat`,
  inbound_nodes: [[of({}, from)]],
});
const keras2 = (layers: readonly object[], output: string) =>
  functional(SHAPE, [...layers, flat2(output)], [[`${output}/flat`, 0, 0]], {}, "2.15.0");

const lambdas: Record<string, [SavedKerasModel, number[]]> = {
  "softmax along another axis": [
    keras2([lambda("y", "nn.softmax", of({ axis: 1, name: null }))], "y"),
    each((h, w, c) =>
      softmaxOver(
        range(H).map((row) => at(row, w, c)),
        h,
      ),
    ),
  ],
  "side by side along another axis": [
    keras2([lambda("y", "concat", [of({ axis: 1 }), of({ axis: 1 })])], "y"),
    [...pictures.data, ...pictures.data],
  ],
  "MobileNetV3's hard sigmoid": [
    keras2(
      [
        lambda("plus", "__operators__.add", of({ y: 3, name: null })),
        { ...layer("ReLU", { name: "cap", max_value: 6 }), name: "cap", inbound_nodes: [[of({}, "plus")]] },
        lambda("y", "math.multiply", of({ y: 1 / 6, name: null }, "cap")),
      ],
      "y",
    ),
    each((...p) => Math.min(6, Math.max(0, at(...p) + 3)) / 6),
  ],
  "a number less the picture": [
    keras2([lambda("y", "math.subtract", ["_CONSTANT_VALUE", -1, 1, { y: ["picture", 0, 0] }])], "y"),
    each((...p) => 1 - at(...p)),
  ],
  "ReLU with a slope and a ceiling": [
    keras2([lambda("y", "keras.activations.relu", of({ alpha: 0.2, max_value: 0.5, threshold: 0 }))], "y"),
    each((...p) => Math.min(0.5, at(...p) > 0 ? at(...p) : 0.2 * at(...p))),
  ],
  "swish of its own beta": [
    keras2([lambda("y", "nn.silu", of({ beta: 2 }))], "y"),
    each((...p) => at(...p) / (1 + Math.exp(-2 * at(...p)))),
  ],
  "the mean over places": [
    keras2([lambda("y", "math.reduce_mean", of({ axis: [1, 2], keepdims: true }))], "y"),
    channelMeans(),
  ],
  "a part by a key": [
    keras2(
      [
        lambda(
          "y",
          "__operators__.getitem",
          of({
            slice_spec: [
              { start: null, stop: null, step: null },
              { start: 1, stop: 3, step: null },
            ],
          }),
          "SlicingOpLambda",
        ),
      ],
      "y",
    ),
    each((h, w, c) => at(h + 1, w, c), [2, W, C]),
  ],
  "columns of length 1, or as they are, of the least": [
    keras2([lambda("y", "math.l2_normalize", of({ axis: 1, epsilon: 1 }))], "y"),
    each((h, w, c) => at(h, w, c) / Math.max(1, Math.hypot(...range(H).map((row) => at(row, w, c))))),
  ],
  "pictures twice as large": [
    keras2([lambda("y", "image.resize", of({ size: [2 * H, 2 * W], method: "nearest" }))], "y"),
    each((h, w, c) => at(Math.floor(h / 2), Math.floor(w / 2), c), [2 * H, 2 * W, C]),
  ],
  "a product of matrices, the second turned": [
    keras2([lambda("y", "linalg.matmul", of({ b: ["picture", 0, 0], transpose_b: true }))], "y"),
    each((h, w, v) => at(h, w, 0) * at(h, v, 0) + at(h, w, 1) * at(h, v, 1), [H, W, W]),
  ],
  "channels that are parted and change places": [
    keras2(
      [
        lambda("parts", "split", of({ num_or_size_splits: 2, axis: -1 })),
        lambda("y", "concat", [
          ["parts", 0, 1, { axis: -1 }],
          ["parts", 0, 0, { axis: -1 }],
        ]),
      ],
      "y",
    ),
    each((h, w, c) => at(h, w, 1 - c)),
  ],
};

describe("operations of TensorFlow in a model of Keras 2", () => {
  test.each(Object.entries(lambdas))("%s", async (_, [saved, expected]) => {
    const [found] = await outputsOf(saved, pictures);
    expectClose(found, expected);
    await checkPictureGradient(saved, pictures);
  });
});
