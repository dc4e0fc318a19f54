import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { extract, initializerTensor } from "../../src/graph/graph.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import * as op from "../../src/graph/operators/index.ts";
import { adopt } from "../../src/model/adopt.ts";
import { resnet18 } from "../../src/model/architectures/resnet18.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { vgg16 } from "../../src/model/architectures/vgg16.ts";
import { graphFor, withConstants } from "../../src/model/batch.ts";
import { storedGraph } from "../../src/model/description.ts";
import type { Model, Network } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { forward } from "../../src/model/predict.ts";
import { closeModel, runBatch } from "../../src/model/programs.ts";
import { summarize } from "../../src/model/summary.ts";
import { type Transfer, transfer } from "../../src/model/transfer.ts";

const engine = nodeEngine();
const folder = mkdtempSync(join(tmpdir(), "convscope-transfer-"));
afterAll(() => rmSync(folder, { recursive: true }));

const noise = (seed: string, shape: readonly number[]): Tensor<"float32"> => {
  const source = random(1, seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => source.uniform(-1, 1)),
  );
};

const modelOf = (network: Network, source = "test"): Model => ({ ...network, source, engine });

/** Values of the network for a batch, by name. */
async function values(model: Model, inputs: Tensor<"float32">, names: readonly string[]) {
  const derive = (graph: Parameters<typeof extract>[0]) => extract(graph, names);
  return runBatch(model, { [model.input.name]: inputs }, { key: names.join(), derive });
}

/** What the head makes of the features of a batch, and what the whole makes of its pictures. */
async function bothWays({ network, head }: Transfer, inputs: Tensor<"float32">) {
  const whole = modelOf(network);
  const { [head.input.name]: features } = await values(whole, inputs, [head.input.name]);
  const alone = modelOf(head);
  const scores = [await forward(whole, inputs), await forward(alone, features as Tensor<"float32">)] as const;
  await Promise.all([whole, alone].map(closeModel));
  return { features: features as Tensor<"float32">, scores };
}

const tiny = smallConvnet({ classes: ["a", "b", "c"], size: 30, filters: [4, 6], units: 5, seed: 7 });
const pictures = noise("pictures", [3, 3, 30, 30]);

describe("a head on a backbone of ours", () => {
  test("is the mean of every map, a dense layer, and one score for two classes", async () => {
    const made = transfer(tiny, { classes: ["cat", "dog"], seed: 3 });
    expect(made.cut.name).toBe("conv2d_1");
    expect(made.network.layers.map(({ name }) => name)).toEqual([
      ...["conv2d", "max_pooling2d", "conv2d_1"],
      ...["global_average_pooling2d", "dropout", "dense"],
    ]);
    const backbone = modelOf(tiny);
    const { [made.cut.output]: maps } = await values(backbone, pictures, [made.cut.output]);
    await closeModel(backbone);
    const { features, scores } = await bothWays(made, pictures);
    const [n, channels, height, width] = maps!.shape as [number, number, number, number];
    expect(features.shape).toEqual([n, channels]);
    const kernel = initializerTensor(made.network.graph.initializers.get("dense/kernel")!);
    for (let row = 0; row < n; row++) {
      let logit = 0;
      for (let channel = 0; channel < channels; channel++) {
        const start = (row * channels + channel) * height * width;
        let sum = 0;
        for (let at = 0; at < height * width; at++) sum += Number(maps!.data[start + at]);
        expect(features.data[row * channels + channel]).toBeCloseTo(sum / (height * width), 5);
        logit += (sum / (height * width)) * Number(kernel.data[channel]);
      }
      for (const { logits, probabilities } of scores) {
        expect(logits.data[row]).toBeCloseTo(logit, 5);
        expect(probabilities!.data[2 * row + 1]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5);
      }
    }
  });

  test("keeps the weights below, and draws its own by the seed", () => {
    const [one, two] = [3, 4].map((seed) => transfer(tiny, { classes: ["a", "b"], seed }).network.graph);
    const weight = (graph: typeof one, name: string) =>
      initializerTensor(graph!.initializers.get(name)!).data;
    expect(weight(one, "conv2d_1/kernel")).toEqual(weight(tiny.graph, "conv2d_1/kernel"));
    expect(weight(one, "dense/kernel")).not.toEqual(weight(two, "dense/kernel"));
    expect(one!.initializers.has("dense_1/kernel")).toBe(false);
  });

  test("takes flat features as they are, and hidden units", async () => {
    const flat = transfer(tiny, { classes: ["a", "b", "c", "d"], cut: "flatten", units: 7, dropout: 0 });
    expect(flat.head.layers.map(({ name }) => name)).toEqual(["dense", "dense_1"]);
    const { features, scores } = await bothWays(flat, pictures);
    expect(features.shape).toEqual([3, 6 * 6 * 6]);
    expect(scores[0].logits.shape).toEqual([3, 4]);
    expect(scores[0].logits.data).toEqual(scores[1].logits.data);
    const maps = transfer(tiny, { classes: ["a", "b"], cut: "max_pooling2d_1", pooling: "flatten" });
    expect((await bothWays(maps, pictures)).features.data).toEqual(features.data);
  });

  test("of VGG16 at 150 pixels, flattened, 256 units and one score: 16,812,353 parameters", () => {
    const backbone = vgg16.build({ size: 150, classes: ["a", "b"] });
    const options = { cut: "features.30", pooling: "flatten", units: 256 } as const;
    const { network, head } = transfer(backbone, { classes: ["cat", "dog"], ...options });
    expect(head.input.channels).toBe(8192);
    expect(summarize(network).parameters).toBe(16_812_353);
    expect(summarize(head).parameters).toBe(2_097_665);
  });

  test("a cut that is no layer, or no numbers of each picture, is named", () => {
    expect(() => transfer(tiny, { classes: ["a", "b"], cut: "conv2d_7" })).toThrow(
      'There is no layer "conv2d_7"; the layers are conv2d, max_pooling2d, conv2d_1, max_pooling2d_1, flatten, dropout, dense and dense_1.',
    );
    expect(() => transfer(tiny, { classes: ["a"] })).toThrow("name two or more");
  });
});

test("pooling over windows that are not alike is PyTorch's adaptive average", async () => {
  const network = vgg16.build({ size: 150, classes: ["a", "b"] });
  const [before, after] = ["features.30", "avgpool"].map(
    (wanted) => network.layers.find(({ name }) => name === wanted)!.output,
  ) as [string, string];
  const model = modelOf(network);
  const result = await values(model, noise("vgg", [1, 3, 150, 150]), [before, after]);
  await closeModel(model);
  const { data } = result[before]!;
  const rows = [0, 1, 2, 3, 4, 5, 6].map(
    (i) => [Math.floor((i * 4) / 7), Math.ceil(((i + 1) * 4) / 7)] as const,
  );
  const expected = Array.from({ length: 512 }, (_, channel) =>
    rows.flatMap(([top, bottom]) =>
      rows.map(([left, right]) => {
        let sum = 0;
        for (let y = top; y < bottom; y++)
          for (let x = left; x < right; x++) sum += Number(data[channel * 16 + y * 4 + x]);
        return sum / ((bottom - top) * (right - left));
      }),
    ),
  ).flat();
  const scale = Math.max(...expected.map(Math.abs));
  expect(result[after]!.shape).toEqual([1, 512, 7, 7]);
  for (const [i, value] of expected.entries())
    expect(Math.abs(Number(result[after]!.data[i]) - value)).toBeLessThan(1e-5 * scale);
});

/** The layers of ours in a file that says nothing of itself, its batch fixed or free. */
async function foreign(network: Network, batch: number | "N"): Promise<Model> {
  const first = network.graph.inputs[0]!;
  const at = <T extends { shape: unknown }>(value: T): T =>
    batch === "N" ? value : { ...value, shape: (value.shape as unknown[])?.with(0, batch) };
  const graph = {
    ...network.graph,
    metadata: new Map(),
    inputs: [at(first)],
    values: new Map(
      [...network.graph.values].map(([name, value]) => [
        name,
        name === first.name ? at(value) : { ...value, shape: undefined },
      ]),
    ),
  };
  return modelOf(
    await adopt(extract(graph, ["logits"]), "foreign.onnx", engine, {
      preprocessing: "unit",
      classes: network.classes,
    }),
  );
}

describe("a head on a network from elsewhere", () => {
  const backbone = resnet18.build({ size: 64, classes: ["a", "b", "c"], seed: 2 });
  const inputs = noise("batch", [3, 3, 64, 64]);

  test.each([1, "N"] as const)(
    "whose batch is %s: batches, its file, and the head give the same",
    async (batch) => {
      const opened = await foreign(backbone, batch);
      const made = transfer(opened, { classes: ["x", "y", "z"], seed: 5 });
      const { scores } = await bothWays(made, inputs);
      const singles = await Promise.all(
        [0, 1, 2].map(async (row) => {
          const size = inputs.data.length / 3;
          const model = modelOf(made.network);
          const one = float32([1, 3, 64, 64], inputs.data.slice(row * size, (row + 1) * size));
          const { logits } = await forward(model, one);
          await closeModel(model);
          return [...logits.data];
        }),
      );
      const path = join(folder, `${batch}.onnx`);
      writeFileSync(path, writeOnnx(storedGraph(made.network)));
      const again = await openModel(path, { engine });
      expect(again.layers).toEqual(made.network.layers);
      const { logits } = await forward(again, inputs);
      await closeModel(again);
      const ours = transfer(backbone, { classes: ["x", "y", "z"], seed: 5 });
      const { logits: reference } = (await bothWays(ours, inputs)).scores[0];
      for (const found of [scores[0].logits.data, scores[1].logits.data, singles.flat(), logits.data])
        for (const [i, value] of found.entries()) expect(value).toBeCloseTo(reference.data[i]!, 4);
    },
  );

  test("tokens are averaged without those before the places", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 3, 8, 8]);
    const kernel = g.initializer("patch.weight", noise("patch", [5, 3, 4, 4]));
    const patches = op.conv(g, x, kernel, undefined, { strides: [4, 4] });
    const tokens = op.transpose(g, op.reshape(g, patches, [1, 5, 4]), [0, 2, 1]);
    const all = op.concat(g, [g.initializer("class_token", noise("token", [1, 1, 5])), tokens], 1);
    const weight = g.initializer("mlp.weight", noise("mlp", [5, 5]));
    const mixed = op.relu(g, op.matMul(g, all, weight));
    const network = await adopt(g.finish("vit", { mixed }), "vit.onnx", engine, { preprocessing: "unit" });
    const made = transfer(network, { classes: ["a", "b"], cut: "-1" });
    const one = noise("one", [1, 3, 8, 8]);
    const model = modelOf(made.network);
    const result = await values(model, one, [made.cut.output, made.head.input.name]);
    await closeModel(model);
    expect(result[made.cut.output]!.shape).toEqual([1, 5, 5]);
    for (let channel = 0; channel < 5; channel++) {
      let sum = 0;
      for (let token = 1; token < 5; token++)
        sum += Number(result[made.cut.output]!.data[token * 5 + channel]);
      expect(result[made.head.input.name]!.data[channel]).toBeCloseTo(sum / 4, 5);
    }
  });

  test("a model with other constants shares the shapes that were found of it", async () => {
    const opened = await foreign(backbone, 1);
    const known = await graphFor(opened, 3);
    const name = opened.layers[0]!.parameters[0]!;
    const weight = opened.graph.initializers.get(name)!;
    const changed = withConstants(
      opened,
      new Map([[name, { ...weight, bytes: new Uint8Array(weight.bytes.length) }]]),
    );
    const graph = await graphFor(changed, 3);
    expect(graph!.nodes).toBe(known!.nodes);
    expect(graph!.initializers.get(name)!.bytes.every((byte) => byte === 0)).toBe(true);
  });
});
