import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { builtInPictures, type MaskedPicture } from "../../src/quality/built-in.ts";
import { metrics } from "../../src/quality/metrics/index.ts";
import { scoreExplanation } from "../../src/quality/score.ts";
import { summarizeScores } from "../../src/quality/summary.ts";
import { engine } from "../explain/reference.ts";
import { summing, trying } from "./toys.ts";

const network = smallConvnet({ classes: ["cat", "dog"], size: 32, filters: [8, 8], units: 16, seed: 1 });
const model: Model = { ...network, source: "small", engine };
const names = metrics.map(({ name }) => name);

async function pictures(count: number): Promise<MaskedPicture[]> {
  const found: MaskedPicture[] = [];
  for await (const picture of builtInPictures(model, count, 0)) found.push(picture);
  return found;
}

const [cat] = (await pictures(1)) as [MaskedPicture];
const measure = async (method: string, metric: string) =>
  (await scoreExplanation(model, cat.inputs, { method, metrics: [metric], mask: cat.mask })).measured.get(
    metric,
  )!;

describe("metrics that explain again", () => {
  test("a map that does not look at the network stays when its weights go, and is the same for every class", async () => {
    const { value, curves } = await measure("edges", "parameter-randomization");
    expect(value).toBeCloseTo(1, 6);
    expect(curves!.ssim!.map(([, similarity]) => similarity)).toEqual(
      [1, 1, 1, 1].map((one) => expect.closeTo(one, 5)),
    );
    expect((await measure("edges", "random-logit")).value).toBeCloseTo(1, 6);
  });

  test("layers are randomized from the top down; what they hold matters to Grad-CAM", async () => {
    const { value, curves } = await measure("grad-cam", "parameter-randomization");
    expect(curves!.spearman!.map(([layer]) => layer)).toEqual(["dense_1", "dense", "conv2d_1", "conv2d"]);
    expect(value).toBeLessThan(0.9);
    expect((await measure("grad-cam", "random-logit")).value).toBeLessThan(0.9);
  });

  test("the gradient of a linear score does not change with the picture: sensitivity 0, as in Captum's test", async () => {
    const linear = summing(
      4,
      4,
      Array.from({ length: 16 }, (_, at) => at - 5),
    );
    const inputs = float32(
      [1, 1, 4, 4],
      Array.from({ length: 16 }, (_, at) => at / 16),
    );
    const scored = await scoreExplanation(linear, inputs, {
      method: "guided-backprop",
      target: 0,
      metrics: ["max-sensitivity"],
    });
    expect(scored.measured.get("max-sensitivity")!.value).toBe(0);
    expect((await measure("random", "max-sensitivity")).value).toBeGreaterThan(0.1);
  });
});

describe("scoring", () => {
  test("every metric gives a number in its range, the same each time and for any batch", async () => {
    const once = await scoreExplanation(model, cat.inputs, { metrics: names, mask: cat.mask, seed: 3 });
    expect([...once.measured.keys()]).toEqual(names);
    for (const { name, range } of metrics) {
      const { value } = once.measured.get(name)!;
      expect(value, name).toBeGreaterThanOrEqual(range[0]);
      expect(value, name).toBeLessThanOrEqual(range[1]);
    }
    const again = await scoreExplanation(model, cat.inputs, {
      metrics: names,
      mask: cat.mask,
      seed: 3,
      batch: 3,
    });
    for (const name of names)
      expect(again.measured.get(name)!.value, name).toBeCloseTo(once.measured.get(name)!.value, 4);
  });

  test("what cannot be measured is said", async () => {
    const { measured, missing } = await scoreExplanation(model, cat.inputs, {
      metrics: ["pointing-game", "sparseness"],
    });
    expect([...measured.keys()]).toEqual(["sparseness"]);
    expect(missing.get("pointing-game")).toBe("a mask of where the evidence lies");
    const value = smallConvnet({ classes: ["age"], size: 32, filters: [8], units: 4, task: "regression" });
    const regression: Model = { ...value, layers: [], source: "small", engine };
    const scored = await scoreExplanation(regression, cat.inputs, { method: "edges", metrics: names });
    expect(Object.fromEntries(scored.missing)).toMatchObject({
      deletion: "a network that gives probabilities",
      "random-logit": "another class",
      "parameter-randomization": "layers with weights",
    });
    expect([...scored.measured.keys()]).toEqual([
      "infidelity",
      "max-sensitivity",
      "sparseness",
      "complexity",
    ]);
  });

  test("a random map has about the telling parts' share of the picture", async () => {
    const { height, width } = model.input;
    const scored = await scoreExplanation(model, cat.inputs, {
      method: "random",
      metrics: ["relevance-mass"],
      mask: cat.mask,
    });
    const area = cat.mask.reduce((sum, inside) => sum + inside, 0) / (height * width);
    expect(area).toBeGreaterThan(0.02);
    expect(Math.abs(scored.measured.get("relevance-mass")!.value - area)).toBeLessThan(0.15);
  });

  test("unknown names are refused with what is near", async () => {
    await expect(scoreExplanation(model, cat.inputs, { metrics: ["deletions"] })).rejects.toThrow(
      'There is no metric "deletions"; the nearest are deletion, ',
    );
    await expect(
      scoreExplanation(model, cat.inputs, {
        metrics: ["deletion"],
        metricOptions: { deletion: { steps: 0 } },
      }),
    ).rejects.toThrow("deletion takes a whole number from 1 for steps, not 0.");
    await expect(
      trying(summing(2, 2), [1, 2, 3, 4], [1, 2, 3, 4], { map: float32([4], [1, 2, 3, 4]) }),
    ).rejects.toThrow("A map [4] does not fit the network's input; enlarge it to [2, 2].");
    await expect(
      trying(summing(2, 2), [1, 2, 3, 4], [1, 2, 3, 4], { mask: new Uint8Array(3) }),
    ).rejects.toThrow("A mask of 3 pixels does not fit the network's input; it takes [2, 2].");
    const other: Model = { ...model, classes: ["disc", "ring"] };
    await expect(builtInPictures(other, 1, 0).next()).rejects.toThrow(
      "The built-in pictures show cat and dog, and small knows disc and ring; name images.",
    );
  });
});

test("a summary: the mean, its interval, the mean curve", () => {
  const one = {
    value: 1,
    curves: {
      p: [
        [0, 2],
        [1, 4],
      ] as const,
    },
  };
  const two = {
    value: 2,
    curves: {
      p: [
        [0, 4],
        [1, 8],
      ] as const,
    },
  };
  const { mean, interval, values, curves } = summarizeScores([one, two]);
  expect({ mean, values, curves }).toEqual({
    mean: 1.5,
    values: [1, 2],
    curves: {
      p: [
        [0, 3],
        [1, 6],
      ],
    },
  });
  expect(interval).toEqual([1, 2]);
  expect(summarizeScores([one]).interval).toBeUndefined();
});
