import { expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import * as op from "../../src/graph/operators/index.ts";
import { adopt } from "../../src/model/adopt.ts";
import { architectures } from "../../src/model/architectures/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { summarize, summaryTable } from "../../src/model/summary.ts";

test("the notebook's network has Keras's table", () => {
  expect(summaryTable(smallConvnet({ classes: ["cats", "dogs"] }))).toMatchInlineSnapshot(`
    "Model: "small-convnet"
    ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
    ┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
    ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
    │ conv2d (Conv2D)                 │ (None, 148, 148, 32)   │           896 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ max_pooling2d (MaxPooling2D)    │ (None, 74, 74, 32)     │             0 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ conv2d_1 (Conv2D)               │ (None, 72, 72, 64)     │        18,496 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ max_pooling2d_1 (MaxPooling2D)  │ (None, 36, 36, 64)     │             0 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ conv2d_2 (Conv2D)               │ (None, 34, 34, 128)    │        73,856 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ max_pooling2d_2 (MaxPooling2D)  │ (None, 17, 17, 128)    │             0 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ conv2d_3 (Conv2D)               │ (None, 15, 15, 128)    │       147,584 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ max_pooling2d_3 (MaxPooling2D)  │ (None, 7, 7, 128)      │             0 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ flatten (Flatten)               │ (None, 6272)           │             0 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ dropout (Dropout)               │ (None, 6272)           │             0 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ dense (Dense)                   │ (None, 512)            │     3,211,776 │
    ├─────────────────────────────────┼────────────────────────┼───────────────┤
    │ dense_1 (Dense)                 │ (None, 1)              │           513 │
    └─────────────────────────────────┴────────────────────────┴───────────────┘
     Total params: 3,453,121 (13.17 MB)
     Trainable params: 3,453,121 (13.17 MB)
     Non-trainable params: 0 (0.00 B)"
  `);
});

test("a longer name makes its column wider", () => {
  const network = smallConvnet({ classes: ["a", "b"], size: 24, filters: [4], units: 6 });
  const layers = network.layers.map((layer, at) =>
    at === 1 ? { ...layer, name: "stage/".repeat(9) } : layer,
  );
  const table = summaryTable({ ...network, layers })
    .split("\n")
    .filter((line) => /^[┏┃┡│├└]/.test(line));
  expect(new Set(table.map((line) => line.length))).toEqual(
    new Set([54 + "(MaxPooling2D)".length + 3 + 24 + 15 + 4]),
  );
});

test("three classes end in three logits", () => {
  const { rows, parameters } = summarize(smallConvnet({ classes: ["a", "b", "c"] }));
  expect(rows.at(-1)).toEqual({
    name: "dense_1",
    type: "Dense",
    outputShape: "(None, 3)",
    parameters: 1539,
    statistics: 0,
  });
  expect(parameters).toBe(3_453_121 - 513 + 1539);
});

test("what a batch normalization measures is counted, but not trained", async () => {
  const { graph, ...network } = architectures.resnet18.build();
  // torchvision's count, and Keras's rule for what it leaves out: a mean and a variance for each of 4,800 channels.
  const counts = { parameters: 11_689_512, statistics: 2 * 4800 };
  expect(summarize({ graph, ...network })).toMatchObject(counts);
  const rows = summaryTable({ graph, ...network }).split("\n");
  expect(rows.find((row) => row.includes("bn1 (BatchNormalization)"))).toMatch(/ 256 │$/);
  expect(rows.slice(-3)).toEqual([
    " Total params: 11,699,112 (44.63 MB)",
    " Trainable params: 11,689,512 (44.59 MB)",
    " Non-trainable params: 9,600 (37.50 KB)",
  ]);
  const adopted = await adopt({ ...graph, metadata: new Map() }, "resnet18", nodeEngine());
  expect(summarize(adopted)).toMatchObject(counts);
});

test("weights that two layers share are counted once in all", async () => {
  const g = new GraphBuilder();
  const kernel = g.initializer("stem.weight", float32([3, 3, 1, 1], new Float32Array(9)));
  const once = op.relu(g, op.conv(g, g.input("x", "float32", ["N", 3, 8, 8]), kernel));
  const twice = op.globalAveragePool(g, op.conv(g, once, kernel));
  const graph = g.finish("shared", { logits: op.flatten(g, twice) });
  const { rows, parameters } = summarize(await adopt(graph, "shared.onnx", nodeEngine()));
  expect(rows.map((row) => row.parameters)).toEqual([9, 0, 9, 0, 0]);
  expect(parameters).toBe(9);
});

test("a picture too small for the convolutions is refused", () => {
  expect(() => smallConvnet({ classes: ["a", "b"], size: 20 })).toThrow(
    "A 20×20 picture is too small for 4 convolutions; use a larger size or fewer filters.",
  );
});
