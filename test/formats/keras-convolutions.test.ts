import { describe, expect, test } from "vitest";
import { sizeOf, type Tensor } from "../../src/base/tensor.ts";
import type { SavedKerasModel } from "../../src/formats/keras/saved-model.ts";
import { checkPictureGradient, drawn, layer, outputsOf, sequential } from "./keras-model.ts";

/** 4 × 6 pixels of two channels; 24 steps, or 2 × 4 × 3 voxels, of two. */
const CHANNELS = 2;
const pictures = drawn("pictures", [1, 4, 6, CHANNELS]);
const extentsOf: Record<number, readonly number[]> = { 1: [24], 2: [4, 6], 3: [2, 4, 3] };
const FILTERS = 3;

interface Settings {
  readonly kernel_size: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "valid" | "same";
  readonly output_padding?: readonly number[];
  readonly dilation_rate?: readonly number[];
}

/** All places of an extent, in order. */
const placesIn = (extents: readonly number[]): number[][] =>
  extents.reduce<number[][]>(
    (places, extent) => places.flatMap((place) => Array.from({ length: extent }, (_, at) => [...place, at])),
    [[]],
  );
const indexOf = (place: readonly number[], extents: readonly number[]): number =>
  place.reduce((index, at, axis) => index * extents[axis]! + at, 0);

/**
 * What a convolution from pictures of the result's size, padded as TensorFlow pads it, spreads back: each number at `i` goes to
 * `i · stride + k · dilation − pad` for each `k` of the kernel `[…, filters, channels]`.
 */
function spread(
  x: ArrayLike<number>,
  extents: readonly number[],
  kernel: Tensor<"float32">,
  { kernel_size: sizes, strides, padding, output_padding: extra, dilation_rate }: Settings,
): number[] {
  const reach = sizes.map((size, axis) => (size - 1) * (dilation_rate?.[axis] ?? 1) + 1);
  const out = extents.map((extent, axis) => {
    const [stride, long] = [strides[axis]!, reach[axis]!];
    if (padding === "valid")
      return (extent - 1) * stride + long + (extra?.[axis] ?? Math.max(0, stride - long));
    return extra ? (extent - 1) * stride + (long % 2) + extra[axis]! : extent * stride;
  });
  const pads = out.map((extent, axis) => {
    const total = (Math.ceil(extent / strides[axis]!) - 1) * strides[axis]! + reach[axis]! - extent;
    return padding === "same" ? Math.floor(Math.max(0, total) / 2) : 0;
  });
  const y = new Array<number>(sizeOf(out) * FILTERS).fill(0);
  for (const place of placesIn(extents))
    for (const offset of placesIn(sizes)) {
      const to = place.map(
        (at, axis) => at * strides[axis]! + offset[axis]! * (dilation_rate?.[axis] ?? 1) - pads[axis]!,
      );
      if (to.some((at, axis) => at < 0 || at >= out[axis]!)) continue;
      for (let filter = 0; filter < FILTERS; filter++)
        for (let channel = 0; channel < CHANNELS; channel++)
          y[indexOf(to, out) * FILTERS + filter]! +=
            x[indexOf(place, extents) * CHANNELS + channel]! *
            kernel.data[(indexOf(offset, sizes) * FILTERS + filter) * CHANNELS + channel]!;
    }
  return y;
}

const cases: [rank: number, settings: Settings][] = [
  [1, { kernel_size: [4], strides: [3], padding: "valid" }],
  [1, { kernel_size: [2], strides: [3], padding: "same", output_padding: [2] }],
  [1, { kernel_size: [3], strides: [1], padding: "valid", dilation_rate: [2] }],
  [2, { kernel_size: [3, 4], strides: [2, 2], padding: "same" }],
  [2, { kernel_size: [3, 3], strides: [2, 2], padding: "same", output_padding: [1, 0] }],
  [2, { kernel_size: [2, 5], strides: [2, 3], padding: "same", output_padding: [1, 2] }],
  [2, { kernel_size: [3, 2], strides: [2, 3], padding: "valid", output_padding: [1, 2] }],
  [2, { kernel_size: [2, 2], strides: [3, 3], padding: "valid" }],
  [3, { kernel_size: [2, 3, 3], strides: [1, 2, 2], padding: "same" }],
  [3, { kernel_size: [2, 2, 3], strides: [2, 2, 2], padding: "valid", output_padding: [1, 0, 1] }],
];

describe("transposed convolutions of Keras 3", () => {
  test.each(cases)("along %d axes: %o", async (rank, settings) => {
    const extents = extentsOf[rank]!;
    const [kernel, bias] = [
      drawn("kernel", [...settings.kernel_size, FILTERS, CHANNELS]),
      drawn("bias", [FILTERS]),
    ];
    const saved = sequential(
      [4, 6, CHANNELS],
      [
        layer("Reshape", { target_shape: [...extents, CHANNELS] }),
        layer(`Conv${rank}DTranspose`, { name: "spread", filters: FILTERS, ...settings }),
      ],
      { spread: [kernel, bias] },
    );
    const expected = spread(pictures.data, extents, kernel, settings).map(
      (value, at) => value + bias.data[at % FILTERS]!,
    );
    await expectNumbers(saved, pictures, expected);
  });
});

async function expectNumbers(
  saved: SavedKerasModel,
  x: Tensor<"float32">,
  expected: readonly number[],
): Promise<void> {
  const [found] = await outputsOf(saved, x);
  expect(found).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(found![at]).toBeCloseTo(value, 5);
  await checkPictureGradient(saved, x);
}
