import { expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { drawn, layer, outputsOf, type Saved, sequential, type Weights } from "./keras-model.ts";

const [N, H, W, C] = [2, 6, 8, 3];
const last = drawn("pictures", [N, H, W, C]);
const first = float32(
  [N, C, H, W],
  last.data.map((_, at) => {
    const [n, c, place] = [Math.floor(at / (C * H * W)), Math.floor(at / (H * W)) % C, at % (H * W)];
    return last.data[(n * H * W + place) * C + c]!;
  }),
);

const weights: Weights = {
  conv: [drawn("conv/kernel", [3, 3, C, 4]), drawn("conv/bias", [4])],
  norm: [drawn("gamma", [4]), drawn("beta", [4]), drawn("mean", [4]), drawn("variance", [4], 0.5, 2)],
  depthwise: [drawn("depthwise", [3, 3, 4, 1]), drawn("depthwise/bias", [4])],
  spread: [drawn("spread/kernel", [2, 2, 2, 4]), drawn("spread/bias", [2])],
  dense: [drawn("dense/kernel", [2 * 6 * 8, 5]), drawn("dense/bias", [5])],
};

/** One network, its channels where `format` says; `axis` is theirs. */
const network = (format: string, axis: number): Saved[] => [
  layer("Conv2D", {
    name: "conv",
    filters: 4,
    kernel_size: [3, 3],
    strides: [2, 2],
    padding: "same",
    data_format: format,
  }),
  layer("BatchNormalization", { name: "norm", axis }),
  layer("ZeroPadding2D", {
    name: "pad",
    padding: [
      [1, 0],
      [0, 2],
    ],
    data_format: format,
  }),
  layer("DepthwiseConv2D", { name: "depthwise", kernel_size: [3, 3], padding: "same", data_format: format }),
  layer("Activation", { name: "softmax", activation: { class_name: "Softmax", config: { axis } } }),
  layer("MaxPooling2D", { name: "pool", pool_size: [2, 1], data_format: format }),
  layer("UpSampling2D", { name: "up", size: [2, 1], interpolation: "bilinear", data_format: format }),
  layer("Cropping2D", {
    name: "crop",
    cropping: [
      [1, 0],
      [1, 1],
    ],
    data_format: format,
  }),
  layer("Conv2DTranspose", {
    name: "spread",
    filters: 2,
    kernel_size: [2, 2],
    strides: [2, 2],
    data_format: format,
  }),
];

test("a network whose channels come first is that of channels last, up to Flatten, which undoes it", async () => {
  const ends = (format: string): Saved[] => [
    layer("Flatten", { name: "flatten", data_format: format }),
    layer("Dense", { name: "dense", units: 5 }),
  ];
  const [expected] = await outputsOf(
    sequential([H, W, C], [...network("channels_last", -1), ...ends("channels_last")], weights),
    last,
  );
  const [found] = await outputsOf(
    sequential([C, H, W], [...network("channels_first", 1), ...ends("channels_first")], weights),
    first,
  );
  expect(found).toHaveLength(N * 5);
  for (const [at, value] of expected!.entries()) expect(found![at]).toBeCloseTo(value, 4);
});

test("what does not say where channels are takes them as they come", async () => {
  // Keras's dense layer and reshaping know of no channels: the last axis is the width here.
  const kernel = drawn("kernel", [W, 2]);
  const saved = sequential([C, H, W], [layer("Dense", { name: "dense", units: 2, use_bias: false })], {
    dense: [kernel],
  });
  const [found] = await outputsOf(saved, first);
  const expected = Array.from({ length: N * C * H * 2 }, (_, at) =>
    Array.from({ length: W }).reduce<number>(
      (sum, _, w) => sum + first.data[Math.floor(at / 2) * W + w]! * kernel.data[w * 2 + (at % 2)]!,
      0,
    ),
  );
  for (const [at, value] of expected.entries()) expect(found![at]).toBeCloseTo(value, 5);
});
