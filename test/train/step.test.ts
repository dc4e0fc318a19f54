import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, scalar, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { initializerTensor } from "../../src/graph/graph.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { batchNormalization, dense, flatten } from "../../src/model/layers/index.ts";
import type { Network } from "../../src/model/model.ts";
import { NetworkBuilder } from "../../src/model/network.ts";
import { drawMask } from "../../src/train/feed.ts";
import { lossFor } from "../../src/train/losses/index.ts";
import { sgd } from "../../src/train/optimizers/sgd.ts";
import {
  ITERATION,
  LEARNING_RATE,
  LOSS,
  next,
  PICTURE_WEIGHTS,
  type StepOptions,
  TARGETS,
  trainingStep,
} from "../../src/train/step.ts";

const engine = nodeEngine();
const block = await engine.channelBlock();
const batch = 3;

/** A network whose convolutions fit the blocked layout, if there is one; odd extents leave remainders at the pools. */
const network = smallConvnet({
  classes: ["a", "b", "c"],
  size: 37,
  filters: [16, 32, 16],
  units: 8,
  seed: 5,
});

/** Images with flat regions: their windows have ties everywhere, and only the first maximum may get the gradient. */
function images(): Tensor<"float32"> {
  const source = random(3, "images");
  const data = Float32Array.from({ length: batch * 3 * 37 * 37 }, (_, i) =>
    i % 37 < 16 ? 0.5 : source.next(),
  );
  return float32([batch, 3, 37, 37], data);
}

/** The loss, and every weight's gradient as what a step of SGD with rate 1 takes away. */
async function gradients(
  layout: number | undefined,
  change: Readonly<Record<string, Tensor>> = {},
  options: Pick<StepOptions, "weightDecay" | "clipNorm" | "weighted" | "layers"> = {},
  given: Readonly<Record<string, Tensor>> = {},
) {
  const loss = lossFor(3);
  const step = trainingStep(network, { ...options, loss, optimizer: sgd(), batch, block: layout });
  const program = await engine.compile(step.graph);
  const feeds: Record<string, Tensor> = {
    [network.input.name]: images(),
    [TARGETS]: float32([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]),
    [LEARNING_RATE]: scalar(1),
    [ITERATION]: scalar(1),
    ...given,
  };
  for (const mask of step.masks) feeds[mask.name] = drawMask(mask, { seed: 1, epoch: 0, step: 0 });
  for (const name of step.parameters)
    feeds[name] = change[name] ?? initializerTensor(network.graph.initializers.get(name)!);
  const results = await program.run(feeds);
  await program.dispose();
  return {
    loss: Number(results[LOSS]!.data[0]),
    nodes: step.graph.nodes,
    gradients: new Map(
      step.parameters.map((name) => {
        const [before, after] = [
          feeds[name]!.data as Float32Array,
          results[next(name)]!.data as Float32Array,
        ];
        return [name, before.map((value, i) => value - after[i]!)];
      }),
    ),
  };
}

describe.skipIf(block === undefined)("the blocked layout (skipped where ONNX Runtime has none)", () => {
  test("is used, and gives the same gradients as the plain graph, ties included", async () => {
    const [plain, blocked] = [await gradients(undefined), await gradients(block)];
    expect(blocked.nodes.filter(({ domain }) => domain === "com.microsoft.nchwc").length).toBeGreaterThan(20);
    expect(plain.nodes.some(({ domain }) => domain === "com.microsoft.nchwc")).toBe(false);
    expect(blocked.loss).toBeCloseTo(plain.loss, 6);
    for (const [name, expected] of plain.gradients) {
      const scale = Math.max(...expected.map(Math.abs));
      expect(scale, name).toBeGreaterThan(1e-4);
      const worst = expected.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - blocked.gradients.get(name)![i]!)),
        0,
      );
      // SGD's subtraction rounds at the weight's size, about 1e-7.
      expect(worst / scale, name).toBeLessThan(2e-4);
    }
  });
});

test("gradients agree with central differences of the loss along random directions", async () => {
  const { gradients: all } = await gradients(block);
  const source = random(8, "directions");
  for (const [name, slope] of all) {
    const weight = initializerTensor(network.graph.initializers.get(name)!) as Tensor<"float32">;
    const direction = Float32Array.from({ length: sizeOf(weight.shape) }, () => source.normal());
    const length = Math.hypot(...direction);
    // Small, so that no ReLU or maximum changes over on the way; the seed is one of those for which none does.
    const reach = 2e-3;
    const moved = async (sign: number): Promise<number> => {
      const data = weight.data.map((value, i) => value + (sign * reach * direction[i]!) / length);
      return (await gradients(block, { [name]: float32(weight.shape, data) })).loss;
    };
    const difference = ((await moved(1)) - (await moved(-1))) / (2 * reach);
    const expected = slope.reduce((sum, value, i) => sum + (value * direction[i]!) / length, 0);
    const scale = Math.hypot(...slope);
    expect(Math.abs(difference - expected) / scale, name).toBeLessThan(0.02);
  }
});

const normOf = (all: ReadonlyMap<string, Float32Array>): number =>
  Math.hypot(...[...all.values()].map((one) => Math.hypot(...one)));

test("a gradient that is too long is scaled down as a whole, a shorter one left alone", async () => {
  const { gradients: plain } = await gradients(block);
  const norm = normOf(plain);
  const { gradients: clipped } = await gradients(block, {}, { clipNorm: norm / 2 });
  expect(normOf(clipped) / norm).toBeCloseTo(0.5, 4);
  for (const [name, values] of plain)
    for (const [i, value] of values.entries())
      expect(Math.abs(clipped.get(name)![i]! - value / 2)).toBeLessThan(1e-6);
  const { gradients: left } = await gradients(block, {}, { clipNorm: 2 * norm });
  expect(Math.abs(normOf(left) / norm - 1)).toBeLessThan(1e-5);
});

test("each picture counts by its weight, in the mean over their number", async () => {
  const weighted = async (...weights: number[]) =>
    gradients(block, {}, { weighted: true }, { [PICTURE_WEIGHTS]: float32([batch], weights) });
  const [whole, first, others] = [await weighted(3, 1, 1), await weighted(1, 0, 0), await weighted(0, 1, 1)];
  expect(whole.loss).toBeCloseTo(3 * first.loss + others.loss, 5);
  for (const [name, values] of whole.gradients)
    for (const [i, value] of values.entries()) {
      const parts = 3 * first.gradients.get(name)![i]! + others.gradients.get(name)![i]!;
      expect(Math.abs(value - parts)).toBeLessThan(2e-6);
    }
});

test("weight decay takes its part of the weights, whatever their gradient", async () => {
  const { gradients: plain } = await gradients(block);
  const { gradients: decayed } = await gradients(block, {}, { weightDecay: 0.25 });
  for (const [name, values] of plain) {
    const weight = initializerTensor(network.graph.initializers.get(name)!).data as Float32Array;
    for (const [i, value] of values.entries())
      expect(Math.abs(decayed.get(name)![i]! - value - 0.25 * weight[i]!)).toBeLessThan(1e-6);
  }
});

test("a dropout mask drops its part, scales the rest, and depends on nothing but its place", () => {
  const mask = { name: "dropout", shape: [20, 1000], rate: 0.3 };
  const place = { seed: 1, epoch: 2, step: 3 };
  const { data } = drawMask(mask, place);
  const dropped = data.filter((value) => value === 0).length / data.length;
  expect(dropped).toBeGreaterThan(0.28);
  expect(dropped).toBeLessThan(0.32);
  expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
  expect(drawMask(mask, place).data).toEqual(data);
  expect(drawMask(mask, { ...place, step: 4 }).data).not.toEqual(data);
});

describe("of some layers alone", () => {
  test("the others are constants, and the gradients of these the same", async () => {
    const { gradients: all } = await gradients(undefined);
    const some = await gradients(undefined, {}, { layers: ["conv2d_2", "dense_1"] });
    expect([...some.gradients.keys()]).toEqual([
      ...["conv2d_2/kernel", "conv2d_2/bias"],
      ...["dense_1/kernel", "dense_1/bias"],
    ]);
    const step = trainingStep(network, {
      ...{ loss: lossFor(3), optimizer: sgd(), batch },
      layers: ["conv2d_2", "dense_1"],
    });
    // A dropout layer that is none of them lets everything pass.
    expect(step.masks).toEqual([]);
    expect(step.graph.initializers.has("conv2d/kernel")).toBe(true);
    expect(step.graph.inputs.some(({ name }) => name === "conv2d/kernel")).toBe(false);
    const dropping = await gradients(undefined, {}, { layers: ["conv2d_2", "dropout", "dense_1"] });
    for (const [name, values] of dropping.gradients)
      for (const [i, value] of values.entries())
        expect(Math.abs(value - all.get(name)![i]!)).toBeLessThan(1e-6);
  });

  const normalized = ((): Network => {
    const builder = new NetworkBuilder({ name: "image", channels: 2, width: 3, height: 2 }, 1);
    const x = batchNormalization(builder, builder.input(), { name: "norm" });
    const y = dense(builder, flatten(builder, x), { units: 3 });
    return builder.finish("normalized", y, ["a", "b", "c"]);
  })();
  const source = random(4, "inputs");
  const inputs = float32(
    [batch, 2, 2, 3],
    Float32Array.from({ length: batch * 12 }, () => source.uniform(-2, 5)),
  );

  async function normalize(updateStatistics: boolean) {
    const loss = lossFor(3);
    const step = trainingStep(normalized, { loss, optimizer: sgd(), batch, updateStatistics });
    const program = await engine.compile(step.graph);
    const feeds: Record<string, Tensor> = {
      image: inputs,
      [TARGETS]: float32([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]),
      [LEARNING_RATE]: scalar(1),
      [ITERATION]: scalar(1),
    };
    for (const name of [...step.parameters, ...step.statistics])
      feeds[name] = initializerTensor(normalized.graph.initializers.get(name)!);
    const results = await program.run(feeds);
    await program.dispose();
    return { step, results };
  }

  test("batch normalizations keep their statistics, unless they are to measure on", async () => {
    const kept = await normalize(false);
    expect(kept.step.statistics).toEqual([]);
    const { step, results } = await normalize(true);
    expect(step.statistics).toEqual(["norm.running_mean", "norm.running_var"]);
    expect(Number(results[LOSS]!.data[0])).not.toBeCloseTo(Number(kept.results[LOSS]!.data[0]), 3);
    for (let channel = 0; channel < 2; channel++) {
      const own = [...inputs.data].filter((_, i) => Math.floor(i / 6) % 2 === channel);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
      // From 0 and 1, with ONNX's momentum of 0.9.
      expect(results[next("norm.running_mean")]!.data[channel]).toBeCloseTo(0.1 * mean, 5);
      expect(results[next("norm.running_var")]!.data[channel]).toBeCloseTo(0.9 + 0.1 * variance, 5);
    }
  });
});
