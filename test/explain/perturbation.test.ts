import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor, tensor } from "../../src/base/tensor.ts";
import { type ExplainOptions, explainBatch } from "../../src/explain/explain.ts";
import { perturbation } from "../../src/explain/methods/perturbation/index.ts";
import type { OptionValues } from "../../src/explain/option.ts";
import { latinHypercube } from "../../src/explain/perturb/latin-hypercube.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { engine, expectClose, multiLayer, oneConv, toy } from "./reference.ts";

/** Explains class 0 of one picture, with a baseline of zeros unless said. */
async function explained(
  model: Model,
  method: string,
  numbers: readonly number[],
  given: ExplainOptions = {},
) {
  const { channels, height, width } = model.input;
  const [explanation] = await explainBatch(model, float32([1, channels, height, width], numbers), {
    method,
    ...{ target: 0, batch: 100 },
    ...given,
    options: { baseline: "zero", ...given.options },
  });
  return explanation!;
}

async function expectRaw(
  model: Model,
  [method, options]: readonly [string, Partial<OptionValues>],
  numbers: readonly number[],
  expected: readonly number[],
): Promise<void> {
  const { raw } = await explained(model, method, numbers, { options });
  expectClose(raw, float32(raw.shape, expected), { atol: 1e-4, rtol: 1e-5 });
}

/** A network whose logit of class 0 is `score` of the picture, and of class 1 nothing. */
const scoring = (
  shape: readonly [number, number, number],
  score: (g: GraphBuilder, row: Value) => Value,
): Model =>
  toy(shape, (g, x) => {
    const first = score(g, op.flatten(g, x));
    return { logits: op.concat(g, [first, op.mul(g, first, g.constant(float32([], [0])))], 1), layers: {} };
  });

/** A weighted sum of the pixels. */
const linear = (height: number, width: number, weights: readonly number[], bias = 0): Model =>
  scoring([1, height, width], (g, row) => {
    const sum = op.matMul(g, row, g.constant(float32([weights.length, 1], weights)));
    return op.add(g, sum, g.constant(float32([], [bias])));
  });

const threePixels = (): Model => multiLayer([1, 1, 3]);
const joined = tensor("int32", [1, 3], Int32Array.from([0, 0, 1]));
const each = tensor("int32", [1, 3], Int32Array.from([0, 1, 2]));
const photo = [20, 50, 30];

describe("Captum's three numbers", () => {
  test.each<[name: string, options: Partial<OptionValues>, expected: number[]]>([
    ["feature-ablation", { mask: each }, [80, 200, 120]],
    ["feature-ablation", { mask: joined }, [280, 280, 120]],
    ["feature-ablation", { mask: joined, baseline: 4 }, [248, 248, 104]],
    ["occlusion", { window: [1, 2], stride: 1, baseline: 10 }, [200, 220, 240]],
    ["occlusion", { window: 2, stride: 2 }, [280, 280, 120]],
    ["kernel-shap", { mask: each }, [76.66667, 196.66667, 116.66667]],
    ["kernel-shap", { mask: joined }, [275, 275, 115]],
    ["shapley-sampling", { mask: each }, [76.66667, 196.66667, 116.66667]],
    ["shapley-sampling", { mask: joined }, [275, 275, 115]],
  ])("%s %o", (method, options, expected) => expectRaw(threePixels(), [method, options], photo, expected));

  test.each(["kernel-shap", "shapley-sampling"])("%s of a feature that opens a unit", (method) =>
    expectRaw(threePixels(), [method, { mask: each }], [2, 10, 3], [7, 32.5, 10.5]),
  );
});

describe("Captum's convolution of two inputs", () => {
  const [ramp, ones] = [Array.from({ length: 16 }, (_, at) => at), new Array<number>(16).fill(1)];
  const rows = (...lines: readonly number[][]): number[] => lines.flat();
  const [seventeen, falling] = [
    [17, 17, 17, 17],
    [64, 65.5, 65.5, 67],
  ];

  test.each<[Partial<OptionValues>, number[]]>([
    [{ window: 4, stride: 4 }, new Array<number>(16).fill(67)],
    [{ window: [2, 3], stride: [2, 1] }, rows(seventeen, seventeen, falling, falling)],
  ])("the first, %o", (options, expected) =>
    expectRaw(oneConv(ones), ["occlusion", options], ramp, expected),
  );

  test.each<[Partial<OptionValues>, number[]]>([
    [{ window: 4, stride: 4 }, new Array<number>(16).fill(13)],
    [{ window: [1, 2], stride: [1, 2] }, rows([3, 3, 3, 3], [3, 3, 3, 3], [3, 3, 3, 3], [0, 0, 0, 0])],
  ])("the second, %o", (options, expected) =>
    expectRaw(oneConv(ramp), ["occlusion", options], ones, expected),
  );
});

test("Xplique's drops of the score", () =>
  expectRaw(
    linear(2, 2, [0, 1, -9, 2], 7),
    ["occlusion", { window: 1, stride: 1 }],
    [1, 1, 1, 1],
    [0, 1, -9, 2],
  ));

describe("a linear network has its weights as", () => {
  const weights = [3, -2, 0.5, 0, 1, -1];
  const ones = new Array<number>(6).fill(1);
  const pixels = { mask: tensor("int32", [2, 3], Int32Array.from([0, 1, 2, 3, 4, 5])) };

  test.each<[string, Partial<OptionValues>]>([
    ["feature-ablation", {}],
    ["lime", { samples: 100, shrinkage: 0 }],
    ["lime", { samples: 100, shrinkage: 0, distance: "l2", bandwidth: 2 }],
    ["lime", { samples: 100, shrinkage: 0, penalty: "lasso" }],
    ["kernel-shap", { samples: 40 }],
    ["shapley-sampling", { samples: 3 }],
  ])("%s %o", (method, options) =>
    expectRaw(linear(2, 3, weights, 5), [method, { ...pixels, ...options }], ones, weights),
  );

  test("and says how well they fit", async () => {
    const { checks } = await explained(linear(2, 3, weights, 5), "lime", ones, {
      options: { ...pixels, shrinkage: 0 },
    });
    expect(checks.r2).toBeCloseTo(1, 5);
    const shap = await explained(linear(2, 3, weights, 5), "kernel-shap", ones, { options: pixels });
    expect(shap.checks.scoreAtBaseline).toBeCloseTo(5, 5);
    expect(shap.checks.completeness).toBeCloseTo(0, 5);
  });

  test("a lasso leaves out what brings less than its weight", async () => {
    const { raw } = await explained(linear(2, 3, weights, 5), "lime", ones, {
      options: { ...pixels, penalty: "lasso", shrinkage: 0.2, samples: 400 },
    });
    expect([...raw.data].map((value) => value !== 0)).toEqual([true, true, false, false, true, true]);
  });
});

/** What every pixel of a picture of 8 × 8 in 2 × 2 cells has in common. */
const inCells = (values: readonly number[]): number[] =>
  Array.from({ length: 64 }, (_, i) => values[2 * Math.floor(i / 32) + Math.floor((i % 8) / 4)]! / 16);
const white = new Array<number>(64).fill(1);
const cells = { grid: 2 };

describe("under random masks", () => {
  test("RISE finds what speaks for and against, and nothing where there is nothing", async () => {
    const weights = Array.from({ length: 144 }, (_, i) => (i === 13 ? 1 : i === 130 ? -1 : 0));
    const { raw } = await explained(linear(12, 12, weights, 100), "rise", new Array(144).fill(1), {
      options: { grid: 4, samples: 4000 },
    });
    const at = (y: number, x: number): number => raw.data[12 * y + x]!;
    expect(at(1, 1)).toBeCloseTo(1, 1);
    expect(at(10, 10)).toBeCloseTo(-1, 1);
    expect(Math.abs(at(1, 10))).toBeLessThan(0.05);
    expect(Math.abs(at(10, 1))).toBeLessThan(0.05);
  });

  test("RISE of pixels that are shown or hidden alone has their weights", async () => {
    const { raw } = await explained(linear(1, 1, [3], 2), "rise", [1], { options: { samples: 10, grid: 1 } });
    expect(raw.data[0]).toBeCloseTo(3, 5);
  });

  test("Sobol' indices of a sum are the shares of its squares", async () => {
    const { raw } = await explained(linear(8, 8, inCells([2, -1, 0, 1])), "sobol", white, {
      options: { ...cells, samples: 2000 },
    });
    expect(raw.shape).toEqual([2, 2]);
    expectClose(raw, float32([2, 2], [4 / 6, 1 / 6, 0, 1 / 6]), { atol: 0.03, rtol: 0 });
  });

  test("Sobol' indices of a product count what acts together twice", async () => {
    const product = scoring([1, 8, 8], (g, row) => {
      const mean = (values: number[]): Value =>
        op.matMul(g, row, g.constant(float32([64, 1], inCells(values))));
      return op.mul(g, mean([1, 0, 0, 0]), mean([0, 0, 0, 1]));
    });
    const { raw } = await explained(product, "sobol", white, { options: { ...cells, samples: 2000 } });
    expectClose(raw, float32([2, 2], [4 / 7, 0, 0, 4 / 7]), { atol: 0.04, rtol: 0 });
  });

  test("HSIC is the trace of its two centred kernels", async () => {
    const [weights, samples] = [[2, -1, 0, 1], 40];
    const { raw } = await explained(linear(8, 8, inCells(weights)), "hsic", white, {
      options: { ...cells, samples },
    });
    const masks = latinHypercube(samples, 4, random(0, "hsic", "cells")).map((axis) =>
      Array.from(axis, (value) => Number(value >= 0.5)),
    );
    const scores = Array.from({ length: samples }, (_, i) =>
      masks.reduce((sum, cell, at) => sum + weights[at]! * cell[i]!, 0),
    );
    const distances = scores
      .flatMap((a, i) => scores.slice(i + 1).map((b) => Math.abs(a - b)))
      .sort((a, b) => a - b);
    const median = distances[distances.length / 2]!;
    const gaussian = matrix(samples, (i, j) =>
      Math.exp(-((scores[i]! - scores[j]!) ** 2) / (2 * median ** 2)),
    );
    const centring = matrix(samples, (i, j) => Number(i === j) - 1 / samples);
    const expected = masks.map((cell) => {
      const alike = matrix(samples, (i, j) => Number(cell[i] === cell[j]));
      const all = times(times(alike, centring), times(gaussian, centring));
      return all.reduce((sum, row, i) => sum + row[i]!, 0) / (samples - 1) ** 2;
    });
    expectClose(raw, float32([2, 2], expected), { atol: 1e-5, rtol: 1e-4 });
  });
});

function matrix(size: number, value: (i: number, j: number) => number): number[][] {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => value(i, j)));
}

function times(a: readonly number[][], b: readonly number[][]): number[][] {
  return matrix(a.length, (i, j) => a[i]!.reduce((sum, value, k) => sum + value * b[k]![j]!, 0));
}

test.each([0.06, 0.4])("the extremal mask of %d is about what speaks for the target alone", async (area) => {
  const weights = Array.from({ length: 256 }, (_, i) => (i === 51 ? 2 : i === 204 ? -1 : 0));
  const { raw, checks } = await explained(
    linear(16, 16, weights),
    "extremal-perturbation",
    new Array<number>(256).fill(1),
    { options: { area, steps: 100, grid: 16 } },
  );
  expect(raw.data[51]).toBeGreaterThan(0.95);
  expect(raw.data[204]).toBeLessThan(0.05);
  expect(checks.area).toBeCloseTo(area, 1);
  expect(checks.scoreShown).toBeCloseTo(2, 1);
});

/** Of each method so little that it is soon done. */
const little: Readonly<Record<string, Partial<OptionValues>>> = {
  occlusion: { window: 8, stride: 4 },
  "feature-ablation": { segments: 9 },
  rise: { samples: 20 },
  lime: { samples: 20, segments: 9 },
  "kernel-shap": { samples: 40, mask: "grid", segments: 9 },
  "shapley-sampling": { samples: 2, segments: 9 },
  sobol: { samples: 2, grid: 3 },
  hsic: { samples: 20, grid: 3 },
  "extremal-perturbation": { steps: 3, grid: 6 },
};

describe.each(perturbation.map(({ name }) => name))("%s", (method) => {
  const network = smallConvnet({
    classes: ["ant", "bee", "cow"],
    size: 24,
    filters: [4, 5],
    units: 6,
    seed: 3,
  });
  const model: Model = { ...network, source: "own.onnx", engine };
  const source = random(1, "pictures");
  const pictures = float32(
    [2, 3, 24, 24],
    Float32Array.from({ length: 3456 }, () => source.next()),
  );
  const options = little[method]!;
  const maps = async (given: Tensor<"float32">, more: ExplainOptions = {}) =>
    (await explainBatch(model, given, { method, options, target: "bee", ...more })).map(({ raw }) => raw);

  test("explains the favoured class of the picture, not that of its parts", async () => {
    const [{ target, raw }] = (await explainBatch(model, pictures, { method, options })) as [never];
    const [named] = await maps(pictures, { target: (target as { label: string }).label });
    expect(raw).toEqual(named);
  });

  if (!["occlusion", "feature-ablation", "extremal-perturbation"].includes(method))
    test("draws by the seed", async () => {
      expect(await maps(pictures, { seed: 1 })).toEqual(await maps(pictures, { seed: 1 }));
      expect(await maps(pictures, { seed: 1 })).not.toEqual(await maps(pictures, { seed: 2 }));
    });

  test("finds nothing in a picture that is the baseline", async () => {
    const [map] = await maps(float32([1, 3, 24, 24], new Float32Array(1728).fill(0.5)));
    if (method !== "extremal-perturbation") for (const value of map!.data) expect(value).toBeCloseTo(0, 4);
    else expect([...map!.data].every(Number.isFinite)).toBe(true);
  });
});

describe("refuses", () => {
  const refused = (method: string, options: Partial<OptionValues>) =>
    expect(explained(threePixels(), method, photo, { options })).rejects;

  test("a stride that passes over pixels", () =>
    refused("occlusion", { window: 2, stride: [2, 3] }).toThrow(
      "A stride of 3 passes over pixels between windows of 2; take at most 2.",
    ));

  test("a mask of another size", () =>
    refused("lime", { mask: float32([3], [0, 1, 2]) }).toThrow(
      "A mask [3] does not fit the network, which takes pictures of [1, 3].",
    ));

  test.each([1, 3])("fewer samples than tell segments apart: %i", (samples) =>
    refused("kernel-shap", { samples, mask: each }).toThrow("take more samples, or fewer segments"),
  );

  test("a grid that it would take forever to smooth", () =>
    refused("extremal-perturbation", { grid: 224 }).toThrow("A grid of 224 is finer"));

  test("more segments than samples", () =>
    refused("lime", { samples: 2, mask: each }).toThrow("take more samples, or fewer segments"));
});
