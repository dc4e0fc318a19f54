import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/gradient.ts";
import type { Ruleset } from "../../src/autodiff/rule.ts";
import { deconvnet } from "../../src/autodiff/rulesets/deconvnet.ts";
import { guided } from "../../src/autodiff/rulesets/guided.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { type Group, openHdf5 } from "../../src/formats/hdf5/hdf5.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { shared } from "../shared.ts";
import { engine } from "./finite-differences.ts";

/** A layer of Keras's on `[N, H, W, C]`, which its weights stand behind. */
type LayerOf = (g: GraphBuilder, x: Value, weights: readonly Value[]) => Value;

const inChannels = (layer: LayerOf): LayerOf => {
  return (g, x, weights) =>
    op.transpose(g, layer(g, op.transpose(g, x, [0, 3, 1, 2]), weights), [0, 2, 3, 1]);
};
const then = (layer: LayerOf, activation: (g: GraphBuilder, x: Value) => Value): LayerOf => {
  return (g, x, weights) => activation(g, layer(g, x, weights));
};

const conv = inChannels((g, x, [kernel, bias]) =>
  op.conv(g, x, op.transpose(g, kernel!, [3, 2, 0, 1]), bias),
);
const dense: LayerOf = (g, x, [kernel, bias]) => op.add(g, op.matMul(g, x, kernel!), bias!);

const layers: Readonly<Record<string, LayerOf>> = {
  AveragePooling2D: inChannels((g, x) => op.averagePool(g, x, [2, 2], { strides: [2, 2] })),
  Conv2D: conv,
  Conv2D_relu: then(conv, op.relu),
  Dense: dense,
  Dense_relu: then(dense, op.relu),
  MaxPooling2D: inChannels((g, x) => op.maxPool(g, x, [2, 2], { strides: [2, 2] })),
};

/** From the gradient at any picture of the batch to the attribution. */
type Attribution = (
  slopeAt: (x: Float32Array) => Promise<Float32Array>,
  x: Float32Array,
) => Promise<Float64Array>;

const times = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array =>
  Float64Array.from(a, (value, at) => value * b[at]!);

const slope: Attribution = async (slopeAt, x) => Float64Array.from(await slopeAt(x));

const attributions: Readonly<Record<string, Attribution>> = {
  Deconvnet: slope,
  Gradient: slope,
  GuidedBackprop: slope,
  InputTimesGradient: async (slopeAt, x) => times(x, await slopeAt(x)),
  /** The mean over 64 points from 0 to the picture, both ends among them (Sundararajan et al. 2017, equation 3). */
  async IntegratedGradients(slopeAt, x) {
    const sum = new Float64Array(x.length);
    for (let point = 0; point < 64; point++)
      for (const [at, slope] of (await slopeAt(x.map((value) => (value * point) / 63))).entries())
        sum[at]! += slope / 64;
    return times(x, sum);
  },
};

/** Rules in the place of the exact ones; the way back by these begins with the output's value. */
const rulesets: Readonly<Record<string, Ruleset>> = { Deconvnet: deconvnet, GuidedBackprop: guided };

describe.skipIf(!shared)("attributions of single layers against iNNvestigate", () => {
  const open = (name: string): Group => {
    const path = join(shared!, "fixtures/innvestigate", `${name}.hdf5`);
    return openHdf5(readFileSync(path), path);
  };
  const cases = Object.keys(attributions).flatMap((name) =>
    Object.keys(layers).map((layer) => [name, layer] as const),
  );

  it.for(cases)("%s of %s", async ([name, layer]) => {
    const file = open(name);
    const read = (path: string): Tensor<"float32"> => {
      const dataset = file.member(path);
      if (dataset?.kind !== "dataset") throw new Error(`there is no ${path}`);
      return float32(dataset.shape, dataset.read().data as Float32Array);
    };
    const [input, output] = [read("input"), read(`${layer}/output`)];
    const weights = ["0", "1"].filter((at) => file.member(`${layer}/weights/${at}`));

    const g = new GraphBuilder();
    const x = g.input("x", "float32", input.shape);
    const made = layers[layer]!(
      g,
      x,
      weights.map((at) => g.constant(read(`${layer}/weights/${at}`))),
    );
    const y = op.reshape(g, made, output.shape);
    const rules = rulesets[name];
    const one = g.constant(favourites(output));
    const seed = rules ? op.mul(g, one, y) : one;
    const [back] = gradient(g, y, [x], { seed, ...(rules ? { rules } : {}) });
    const program = await engine.compile(g.finish(layer, { y, slope: back! }));
    const run = async (data: Float32Array): Promise<Record<string, Tensor>> =>
      program.run({ x: float32(input.shape, data) });
    const slopeAt = async (data: Float32Array): Promise<Float32Array> =>
      (await run(data)).slope!.data as Float32Array;
    try {
      expect(distance((await run(input.data)).y!.data as Float32Array, output.data)).toBeLessThan(1e-6);
      const attribution = await attributions[name]!(slopeAt, input.data);
      expect(distance(attribution, read(`${layer}/attribution`).data)).toBeLessThan(1e-6);
    } finally {
      await program.dispose();
    }
  });
});

/** One in the place of each row's largest element, zero elsewhere. */
function favourites({ shape, data }: Tensor<"float32">): Tensor<"float32"> {
  const [rows, columns] = shape as [number, number];
  const seed = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const part = data.subarray(row * columns, (row + 1) * columns);
    seed[row * columns + part.indexOf(Math.max(...part))] = 1;
  }
  return float32(shape, seed);
}

/** ‖actual − expected‖ / ‖expected‖ */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const differences = Array.from(expected, (value, at) => actual[at]! - value);
  return Math.hypot(...differences) / Math.hypot(...Array.from(expected));
}
