import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { permuted } from "../../src/base/permute.ts";
import { bytesOf, float32, type Tensor, viewBytes } from "../../src/base/tensor.ts";
import { type ExplainOptions, explainBatch } from "../../src/explain/explain.ts";
import { openHdf5 } from "../../src/formats/hdf5/hdf5.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { shared } from "../shared.ts";
import { toy } from "./reference.ts";

/** A layer of Keras's, on pictures with their channels first; what it gives is flattened with its channels last. */
type LayerOf = (g: GraphBuilder, x: Value, weights: readonly Value[]) => Value;

const channelsLast = (g: GraphBuilder, x: Value): Value => op.transpose(g, x, [0, 2, 3, 1]);
const conv: LayerOf = (g, x, [kernel, bias]) =>
  channelsLast(g, op.conv(g, x, op.transpose(g, kernel!, [3, 2, 0, 1]), bias));
const dense: LayerOf = (g, x, [kernel, bias]) => op.add(g, op.matMul(g, channelsLast(g, x), kernel!), bias!);

const layers: Readonly<Record<string, LayerOf>> = {
  AveragePooling2D: (g, x) => channelsLast(g, op.averagePool(g, x, [2, 2], { strides: [2, 2] })),
  Conv2D: conv,
  Conv2D_relu: (g, x, weights) => op.relu(g, conv(g, x, weights)),
  Dense: dense,
  Dense_relu: (g, x, weights) => op.relu(g, dense(g, x, weights)),
  MaxPooling2D: (g, x) => channelsLast(g, op.maxPool(g, x, [2, 2], { strides: [2, 2] })),
};

/** Each of its analyzers' files, and what it is here. */
const analyzers: Readonly<Record<string, ExplainOptions>> = {
  Deconvnet: { method: "deconvnet" },
  Gradient: { method: "saliency" },
  GuidedBackprop: { method: "guided-backprop" },
  InputTimesGradient: { method: "input-x-gradient" },
  IntegratedGradients: { method: "integrated-gradients" },
  LRPAlpha1Beta0: { method: "lrp-alpha-beta", options: { alpha: 1, beta: 0 } },
  LRPEpsilon: { method: "lrp-epsilon" },
  LRPFlat: { method: "lrp-flat" },
  LRPZ: { method: "lrp-z" },
  LRPZPlus: { method: "lrp-z-plus" },
  LRPZ_boxed_input_layer_rule: { method: "lrp-z-box", options: { low: -10, high: 10 } },
};

describe.skipIf(!shared)("single layers, as iNNvestigate explains their favourite neuron", () => {
  test("none of its files is left out", () => {
    const names = readdirSync(join(shared!, "fixtures/innvestigate")).map((file) => basename(file, ".hdf5"));
    expect(names.sort()).toEqual(Object.keys(analyzers).sort());
  });

  const cases = Object.keys(analyzers).flatMap((name) =>
    Object.keys(layers).map((layer) => [name, layer] as const),
  );

  test.each(cases)("%s of %s", async (name, layer) => {
    const path = join(shared!, "fixtures/innvestigate", `${name}.hdf5`);
    const file = openHdf5(readFileSync(path), path);
    const read = (member: string): Tensor<"float32"> => {
      const dataset = file.member(member);
      if (dataset?.kind !== "dataset") throw new Error(`there is no ${member}`);
      return float32(dataset.shape, dataset.read().data as Float32Array);
    };
    const model = toy([3, 10, 10], (g, x) => {
      const weights = ["0", "1"].map((at) => `${layer}/weights/${at}`).filter((at) => file.member(at));
      const made = layers[layer]!(
        g,
        x,
        weights.map((at) => g.constant(read(at))),
      );
      return { logits: op.flatten(g, made), layers: {} };
    });
    const input = read("input");
    const pictures = viewBytes("float32", permuted(bytesOf(input), input.shape, [0, 3, 1, 2]));
    const found = await explainBatch(model, float32([8, 3, 10, 10], pictures), {
      ...analyzers[name],
      convention: "innvestigate",
    });
    const expected = read(`${layer}/attribution`);
    const actual = found.flatMap(({ raw }) => [
      ...viewBytes("float32", permuted(bytesOf(raw), raw.shape, [1, 2, 0])),
    ]);
    const apart = Math.hypot(...actual.map((value, at) => value - expected.data[at]!));
    expect(actual.length).toBe(expected.data.length);
    expect(apart / Math.hypot(...expected.data)).toBeLessThan(1e-6);
  });
});
