import { expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.ts";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import { readKeras } from "../../src/formats/keras/read.ts";
import type { SavedKerasModel } from "../../src/formats/keras/saved-model.ts";
import { checkpoint, kerasArchive } from "./keras-file.ts";
import { checkPictureGradient, drawn, layer, outputsOf, sequential } from "./keras-model.ts";

const [H, W, C] = [3, 4, 2];
const pictures = drawn("pictures", [1, H, W, C]);
const at = (y: number, x: number, c: number): number => pictures.data[(y * W + x) * C + c]!;
const each = (value: (y: number, x: number, c: number) => number): number[] =>
  Array.from({ length: H * W * C }, (_, place) =>
    value(Math.floor(place / (W * C)), Math.floor(place / C) % W, place % C),
  );
const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;
const variance = (numbers: readonly number[]): number =>
  mean(numbers.map((value) => (value - mean(numbers)) ** 2));

async function expectNumbers(saved: SavedKerasModel, expected: readonly number[]): Promise<void> {
  const [found] = await outputsOf(saved, pictures);
  expect(found).toHaveLength(expected.length);
  for (const [place, value] of expected.entries()) expect(found![place]).toBeCloseTo(value, 4);
  await checkPictureGradient(saved, pictures);
}

const normalized = (type: string, config: object, ...weights: readonly Tensor<"float32">[]) =>
  sequential([H, W, C], [layer(type, { name: "norm", ...config })], { norm: weights });

test("layer normalization with rms_scaling divides by the deviation, but does not centre", async () => {
  const gamma = drawn("gamma", [W, C]);
  const config = { axis: [2, 3], epsilon: 0.1, rms_scaling: true };
  await expectNumbers(
    normalized("LayerNormalization", config, gamma),
    each((y, x, c) => {
      const row = Array.from({ length: W * C }, (_, place) => at(y, Math.floor(place / C), place % C));
      return (at(y, x, c) / Math.sqrt(variance(row) + 0.1)) * gamma.data[x * C + c]!;
    }),
  );
});

test("root mean square normalization", async () => {
  const scale = drawn("scale", [C]);
  await expectNumbers(
    normalized("RMSNormalization", { axis: -1, epsilon: 0.1 }, scale),
    each((y, x, c) => {
      const square = mean(Array.from({ length: C }, (_, other) => at(y, x, other) ** 2));
      return (at(y, x, c) / Math.sqrt(square + 0.1)) * scale.data[c]!;
    }),
  );
});

test("batch renormalization is batch normalization once it is trained", async () => {
  const [gamma, beta, middle] = ["gamma", "beta", "mean"].map((name) => drawn(name, [C]));
  const spread = drawn("variance", [C], 0.5, 2);
  const renorm = ["moving_stddev", "renorm_mean", "renorm_stddev"].map((name) => drawn(name, [C]));
  await expectNumbers(
    normalized("BatchNormalization", { axis: [3], renorm: true }, gamma!, beta!, middle!, spread, ...renorm),
    each(
      (y, x, c) =>
        ((at(y, x, c) - middle!.data[c]!) / Math.sqrt(spread.data[c]! + 1e-3)) * gamma!.data[c]! +
        beta!.data[c]!,
    ),
  );
  expect(() =>
    kerasGraph(
      normalized("BatchNormalization", { axis: [3] }, gamma!, beta!, middle!, spread, ...renorm),
      "net",
      32,
    ),
  ).toThrow('layer "norm" (BatchNormalization) takes 4 weights, but the file has 7 for it');
});

const spectral = {
  layer: layer("Dense", { name: "dense", units: 3, use_bias: true }),
  power_iterations: 1,
};

test("spectral normalization: the kernel is saved as it is used, once or twice, beside what training needs", async () => {
  const [kernel, bias, u] = [drawn("kernel", [C, 3]), drawn("bias", [3]), drawn("vector_u", [1, 3])];
  const expected = Array.from({ length: H * W * 3 }, (_, place) => {
    const [pixel, unit] = [Math.floor(place / 3), place % 3];
    return (
      pictures.data[pixel * C]! * kernel.data[unit]! +
      pictures.data[pixel * C + 1]! * kernel.data[3 + unit]! +
      bias.data[unit]!
    );
  });
  await expectNumbers(normalized("SpectralNormalization", spectral, kernel, bias, u), expected);
  await expectNumbers(normalized("SpectralNormalization", spectral, kernel, bias, kernel, u), expected);
});

test("spectral normalization in a .keras archive, where the layer inside has a place of its own", async () => {
  const { model } = normalized("SpectralNormalization", spectral);
  const kernel = { name: "kernel", shape: [C, 3], first: 1 };
  const bytes = kerasArchive(
    model,
    checkpoint({
      "layers/spectral_normalization/layer/vars": [kernel, { name: "bias", shape: [3], first: 10 }],
      "layers/spectral_normalization/vars": [kernel, { name: "vector_u", shape: [1, 3], first: 20 }],
    }),
  );
  await expectNumbers(
    readKeras(bytes, "net.keras"),
    Array.from({ length: H * W * 3 }, (_, place) => {
      const [pixel, unit] = [Math.floor(place / 3), place % 3];
      return pictures.data[pixel * C]! * (1 + unit) + pictures.data[pixel * C + 1]! * (4 + unit) + 10 + unit;
    }),
  );
});
