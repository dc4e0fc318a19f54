import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { random } from "../../src/base/random.ts";
import { float32, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { type ExplainOptions, explain, explainBatch } from "../../src/explain/explain.ts";
import type { Method } from "../../src/explain/method.ts";
import { families, methods } from "../../src/explain/methods/index.ts";
import {
  type OptionName,
  type OptionValues,
  optionKinds,
  parseOptions,
  withDefaults,
} from "../../src/explain/option.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { Model } from "../../src/model/model.ts";
import { toy } from "./reference.ts";

const [C, H, W] = [3, 16, 20];

function drawn(seed: string, shape: readonly number[], scale = 1): Tensor<"float32"> {
  const { normal } = random(1, seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => scale * normal()),
  );
}

const pictures = drawn("pictures", [2, C, H, W]);
const single = (row: number): Tensor<"float32"> =>
  float32([C, H, W], pictures.data.slice(row * C * H * W, (row + 1) * C * H * W));

const weights = (g: GraphBuilder, name: string, shape: readonly number[], scale: number): Value =>
  g.initializer(name, drawn(name, shape, scale));

/** What every method takes, but for those that ask for attention. `[N, 5]` come before the scores. */
function convnet(scores: number, head = 1): Model {
  return toy([C, H, W], (g, x) => {
    const bias = (name: string, size: number): Value => weights(g, `${name}.bias`, [size], 0.1);
    const conv1 = op.conv(g, x, weights(g, "conv1", [4, C, 3, 3], 0.3), bias("conv1", 4), {
      strides: [2, 2],
    });
    const relu1 = op.relu(g, conv1);
    const relu2 = op.relu(g, op.conv(g, relu1, weights(g, "conv2", [5, 4, 3, 3], 0.3), bias("conv2", 5)));
    const pooled = op.flatten(g, op.globalAveragePool(g, relu2));
    const logits = op.gemm(g, pooled, weights(g, "head", [5, scores], head), bias("head", scores));
    return { logits, layers: { relu1, relu2 } };
  });
}

/** Patches of 4×4 pixels that look at each other once. */
function transformer(scores: number, head = 1): Model {
  const [tokens, size] = [(H * W) / 16, 4];
  return toy([C, H, W], (g, x) => {
    const patches = op.conv(g, x, weights(g, "patch", [size, C, 4, 4], 0.3), undefined, { strides: [4, 4] });
    const rows = op.transpose(g, op.reshape(g, patches, ["N", size, tokens]), [0, 2, 1]);
    const looks = op.softmax(g, op.matMul(g, rows, op.transpose(g, rows, [0, 2, 1])));
    const mixed = op.add(g, rows, op.matMul(g, looks, rows));
    const logits = op.matMul(
      g,
      op.reduceMean(g, mixed, [1], false),
      weights(g, "head", [size, scores], head),
    );
    return { logits, layers: { patches } };
  });
}

const models = {
  convnet: { three: convnet(3), one: convnet(1), blind: convnet(3, 0) },
  transformer: { three: transformer(3), one: transformer(1), blind: transformer(3, 0) },
};

/** Enough to run every line of a method, and little enough to be quick. */
const small: Partial<OptionValues> = {
  steps: 3,
  samples: 8,
  window: 8,
  stride: 4,
  segments: 4,
  grid: 3,
  maps: 2,
};

const optionsOf = (method: Method): Partial<OptionValues> =>
  Object.fromEntries(Object.entries(small).filter(([name]) => name in method.options));

const familyOf = (method: Method): string =>
  Object.keys(families).find((family) => families[family]!.includes(method))!;

function expectAlike(actual: Tensor<"float32">, expected: Tensor<"float32">): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = Math.max(...expected.data.map(Math.abs));
  const worst = Math.max(...expected.data.map((value, at) => Math.abs(value - actual.data[at]!)));
  expect(worst).toBeLessThanOrEqual(2e-5 * scale);
}

test("names are each method's own", () => {
  expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length);
  expect(new Set(methods.map(({ title }) => title)).size).toBe(methods.length);
});

describe.each(methods.map((method) => [method.name, method] as const))("%s", (name, method) => {
  const { three, one, blind } = models[familyOf(method) === "attention" ? "transformer" : "convnet"];
  const run = (model: Model, given: ExplainOptions = {}) =>
    explainBatch(model, pictures, { method: name, options: optionsOf(method), ...given });

  test("says what it is", () => {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    const { title, summary, formula, paper, limits, cost } = method;
    for (const text of [title, summary, formula, paper, limits, cost]) expect(text.trim()).not.toBe("");
    expect(summary).toMatch(/[^.]$/);
    expect(limits).toMatch(/^[A-Z].*\.$/);
    expect(paper).toMatch(/\d{4}|^none/);
  });

  test("has options of the vocabulary, whose defaults are valid and can be written as text", () => {
    const kinds = Object.keys(method.options).map((option) => optionKinds[option as OptionName]);
    expect(kinds).not.toContain(undefined);
    expect(withDefaults(method, method.options)).toEqual(method.options);
    const texts = Object.entries(method.options).map(([option, value]) => [option, String(value)] as const);
    expect(parseOptions(method, Object.fromEntries(texts))).toEqual(method.options);
  });

  test("refuses an option that it does not take, and a value that it cannot be", async () => {
    const wrong = { magic: 1 } as Partial<OptionValues>;
    await expect(explain(three, single(0), { method: name, options: wrong })).rejects.toThrow(
      `${name} has no option "magic"; `,
    );
    for (const option of Object.keys(method.options)) {
      const options = { [option]: Number.NaN } as Partial<OptionValues>;
      await expect(explain(three, single(0), { method: name, options })).rejects.toThrow(
        new RegExp(`^${name} takes .* for ${option}, not NaN\\.$`),
      );
    }
  });

  test("gives finite numbers of its shape; a batch is its singles, whatever its bounds, and the same again", async () => {
    const together = await run(three);
    expect((await run(three)).map(({ raw }) => raw)).toEqual(together.map(({ raw }) => raw));
    for (const [row, { raw, evidence, attribution, scores }] of together.entries()) {
      expect([raw, evidence, attribution].flatMap(({ data }) => [...data]).every(Number.isFinite)).toBe(true);
      expect(attribution.shape).toEqual([H, W]);
      expect(evidence.shape).toHaveLength(2);
      const shapes = { maps: [5, 7], layer: [5, 5, 7], input: raw.shape.slice(-2) };
      expect([shapes[method.at], [C, H, W]]).toContainEqual(raw.shape);
      expect(scores).toHaveLength(3);
      const bounds = row === 0 ? { batch: 1 } : { batch: 3 };
      const alone = await explain(three, single(row), {
        method: name,
        options: optionsOf(method),
        ...bounds,
      });
      expectAlike(alone.raw, raw);
      expect(alone.target.label).toBe(together[row]!.target.label);
    }
  });

  test("explains a class, one against another, either sign of a single logit, and an activation", async () => {
    const labels = async (model: Model, given: ExplainOptions) =>
      (await run(model, given)).map(({ target }) => target.label);
    expect(await labels(three, { target: ["class 0", 2] })).toEqual(["class 0", "class 2"]);
    expect(await labels(three, { target: 0, against: 1 })).toEqual([
      "class 0, not class 1",
      "class 0, not class 1",
    ]);
    const of = three.layers.at(-1)!.name;
    const activation = {
      of,
      channel: 1,
      position: [0, 1],
      ...(method.at === "input" ? {} : { layer: "relu1" }),
    } as const;
    for (const [model, given, label, refusing] of [
      [one, { target: 1 }, "class 1", ["finer-cam"]],
      [one, { target: 0 }, "class 0", ["finer-cam"]],
      [three, activation, `${of}, channel 1, at 0,1`, ["finer-cam", "cam"]],
    ] as const)
      if (refusing.some((refuser) => refuser === name))
        await expect(run(model, given)).rejects.toThrow(UserError);
      else expect(await labels(model, given)).toEqual([label, label]);
  });

  test("says so where there is nothing to explain", async () => {
    for (const { raw, warnings } of await run(blind, { target: 0 }))
      if (new Set(raw.data).size === 1) expect(warnings.join()).toMatch(/^the map is /);
  });
});

test("a layer that the target does not depend on is refused", async () => {
  await expect(explain(models.convnet.three, single(0), { of: "relu1", layer: "relu2" })).rejects.toThrow(
    '"relu1" does not depend on the layer "relu2"; explain it at one that comes before it.',
  );
});
