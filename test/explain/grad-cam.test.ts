import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { explain, explainBatch } from "../../src/explain/explain.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import * as op from "../../src/graph/operators/index.ts";
import { adopt } from "../../src/model/adopt.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { BATCH } from "../../src/model/model.ts";
import { shared } from "../shared.ts";

const engine = nodeEngine();

/** Captum's one-convolution network: its tests state weights and every number. */
function toyModel(): Model {
  const g = new GraphBuilder();
  const x = g.input("image", "float32", [BATCH, 1, 4, 4]);
  const w = g.initializer("w", float32([2, 1, 3, 3], new Float32Array(18).fill(1)));
  const conv = op.conv(g, x, w, g.initializer("b", float32([2], [-50, -75])));
  const relu = op.relu(g, conv);
  const dense = Float32Array.from({ length: 32 }, (_, i) => (i % 8 < 5 ? 1 : -1));
  const scores = op.gemm(g, op.flatten(g, relu), g.initializer("d", float32([4, 8], dense)), undefined, {
    transB: true,
  });
  const logits = op.relu(g, scores);
  const graph = g.finish("toy", { logits, probabilities: op.softmax(g, logits) });
  const layer = (name: string, value: { name: string }) => ({
    name,
    type: "Conv2D",
    output: value.name,
    parameters: [],
  });
  return {
    graph,
    input: { name: "image", channels: 1, width: 4, height: 4 },
    classes: ["a", "b", "c", "d"],
    layers: [layer("conv1", conv), layer("relu1", relu)],
    source: "toy",
    engine,
  };
}

describe("Captum's toy network", () => {
  const image = float32(
    [1, 1, 4, 4],
    Float32Array.from({ length: 16 }, (_, i) => i),
  );
  test.each([
    ["conv1", [11.25, 13.5, 20.25, 22.5]],
    ["relu1", [0, 4, 28, 32.5]],
  ] as const)("%s", async (layer, expected) => {
    const [result] = await explainBatch(toyModel(), image, { target: 0, layer });
    expect(result!.raw.shape).toEqual([2, 2]);
    expect([...result!.raw.data]).toEqual(expected);
    expect(result!.target).toMatchObject({ label: "a", index: 0, logit: 54 });
  });
});

describe.skipIf(!shared)("other libraries' networks (PyTorch, pytorch-grad-cam)", () => {
  const root = join(shared ?? "", "fixtures");
  const names = shared ? readdirSync(root).filter((name) => existsSync(join(root, name, "case.json"))) : [];
  test.each(names)("%s: the raw map", async (name) => {
    const info = JSON.parse(readFileSync(join(root, name, "case.json"), "utf8"));
    const { tensors } = readSafetensors(readFileSync(join(root, name, "expected.safetensors")), name);
    const graph = readOnnx(readFileSync(join(root, name, "model.onnx")), name);
    const input = tensors.get("input") as Tensor<"float32">;
    const network = await adopt(graph, name, engine);
    const value: string = info.target_layer.onnx_value;
    const layer = { name: value, type: "", output: value, parameters: [] };
    const model: Model = { ...network, layers: [layer], source: name, engine };
    const [explanation] = await explainBatch(model, input, {
      layer: value,
      // A single logit is the second class's.
      target: info.output.classes === 1 ? 1 : info.target_class,
    });
    const { raw } = explanation!;
    const expected = tensors.get("gradcam.raw") as Tensor<"float32">;
    const { atol, rtol } = info.tensors["gradcam.raw"];
    expect([1, ...raw.shape]).toEqual(expected.shape);
    for (const [i, value] of expected.data.entries())
      expect(Math.abs(Number(raw.data[i]) - value)).toBeLessThanOrEqual(atol + rtol * Math.abs(value));
  });
});

describe("any class at any layer", () => {
  const network = smallConvnet({ classes: ["cat", "dog"], size: 40, filters: [8, 8], units: 8, seed: 2 });
  const model: Model = { ...network, source: "memory", engine };
  const source = random(1, "image");
  const images = float32(
    [3, 3, 40, 40],
    Float32Array.from({ length: 3 * 3 * 1600 }, () => source.next()),
  );
  const single = (row: number): Tensor<"float32"> =>
    float32([3, 40, 40], images.data.slice(row * 4800, (row + 1) * 4800));

  test("the two classes of one logit have opposite maps", async () => {
    const [cat, dog] = [
      await explain(model, single(0), { target: "cat" }),
      await explain(model, single(0), { target: 1 }),
    ];
    expect(cat.target.label).toBe("cat");
    expect(dog.target.label).toBe("dog");
    expect([...cat.raw.data]).toEqual([...dog.raw.data.map((value) => -value || 0)]);
    expect(cat.attribution.shape).toEqual([40, 40]);
    expect(cat.attribution.data.every((value) => value >= 0)).toBe(true);
  });

  test("top is the class with the highest probability, and the layer the last convolution", async () => {
    const result = await explain(model, single(1));
    expect(result.target).toEqual(result.scores.toSorted((a, b) => b.probability - a.probability)[0]);
    expect(result.layer?.name).toBe("conv2d_1");
    expect(result.raw.shape).toEqual([17, 17]);
  });

  test("a batch equals its singles", async () => {
    const together = await explainBatch(model, images, { layer: "max_pooling2d" });
    for (const [row, one] of together.entries()) {
      const alone = await explain(model, single(row), { layer: "max_pooling2d" });
      // A product of one row sums in another order than one of several.
      expect(one.target).toMatchObject({ label: alone.target.label, index: alone.target.index });
      expect(one.target.logit).toBeCloseTo(alone.target.logit, 6);
      expect(one.target.probability).toBeCloseTo(alone.target.probability, 6);
      const scale = Math.max(...alone.raw.data.map(Math.abs));
      for (const [i, value] of alone.raw.data.entries())
        expect(Math.abs(one.raw.data[i]! - value)).toBeLessThan(1e-5 * scale);
    }
  });

  test.each([
    [{ target: "horse" }, 'There is no class "horse"; the classes are cat (0) and dog (1).'],
    [{ target: 2 }, 'There is no class "2"; the classes are cat (0) and dog (1).'],
    [
      { layer: "conv" },
      'There is no layer "conv"; the layers are conv2d, max_pooling2d, conv2d_1, max_pooling2d_1, flatten, dropout, dense and dense_1.',
    ],
    [
      { layer: "dense" },
      'The layer "dense" has no spatial extent; those that have are conv2d, max_pooling2d, conv2d_1 and max_pooling2d_1.',
    ],
    [{ method: "magic" }, 'There is no method "magic"; the nearest are'],
  ])("%j is answered with what there is", async (options, message) => {
    await expect(explain(model, single(0), options)).rejects.toThrow(message);
  });
});
