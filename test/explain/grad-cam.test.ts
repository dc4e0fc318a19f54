import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { explain, explainBatch } from "../../src/explain/explain.ts";
import * as op from "../../src/graph/operators/index.ts";
import { precededBy } from "../../src/graph/preceded.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { BATCH, type Model } from "../../src/model/model.ts";
import { engine, oneConv } from "./reference.ts";

describe("Captum's toy network", () => {
  const image = (more: number) =>
    float32(
      [1, 1, 4, 4],
      Float32Array.from({ length: 16 }, (_, i) => i + more),
    );
  test.each([
    ["conv1", 0, [11.25, 13.5, 20.25, 22.5]],
    ["relu1", 0, [0, 4, 28, 32.5]],
    // Its two inputs, x and ones, are added first.
    ["conv1", 1, [14.5, 19, 32.5, 37]],
  ] as const)("%s of x + %d", async (layer, more, expected) => {
    const [result] = await explainBatch(oneConv(), image(more), { target: 0, layer });
    expect(result!.raw.shape).toEqual([2, 2]);
    expect([...result!.raw.data]).toEqual(expected);
  });

  test("at the convolution's input the map is 0.5625 x, and its evidence what is positive in it", async () => {
    const model = oneConv();
    const graph = precededBy(model.graph, "image", (g) =>
      op.identity(g, g.input("picture", "float32", [BATCH, 1, 4, 4])),
    );
    const layers = [{ name: "input", type: "", output: "image", parameters: [] }];
    const at = { ...model, graph, layers, input: { ...model.input, name: "picture" } };
    const x = float32([1, 1, 4, 4], image(0).data.with(5, -4));
    const [result] = await explainBatch(at, x, { target: 0, layer: "input" });
    expect([...result!.raw.data]).toEqual(Array.from(x.data, (value) => 0.5625 * value));
    expect([...result!.evidence.data]).toEqual(Array.from(x.data, (value) => 0.5625 * Math.max(0, value)));
  });

  test("knows its target", async () => {
    const [result] = await explainBatch(oneConv(), image(0), { target: 0, layer: "conv1" });
    expect(result!.target).toMatchObject({ label: "class 0", index: 0, logit: 54 });
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
