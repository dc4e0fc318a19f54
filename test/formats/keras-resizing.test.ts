import { describe, expect, test } from "vitest";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import { checkPictureGradient, drawn, layer, outputsOf, sequential } from "./keras-model.ts";

/** Odd, and no square. */
const [H, W] = [5, 7];
const pictures = drawn("pictures", [1, H, W, 1]);
type Picture = readonly (readonly number[])[];
const picture: Picture = Array.from({ length: H }, (_, y) =>
  Array.from({ length: W }, (_, x) => pictures.data[y * W + x]!),
);

const resized = (height: number, width: number, interpolation: string, config: object = {}) =>
  sequential([H, W, 1], [layer("Resizing", { height, width, interpolation, ...config })]);

/** How much each place of an axis weighs in one of its result. */
type Mixture = (extent: number, size: number, place: number) => readonly number[];

/** Each place of the result, mixed of the picture's rows and columns. */
const mixed = (from: Picture, [height, width]: readonly [number, number], mixture: Mixture): number[] =>
  Array.from({ length: height * width }, (_, at) => {
    const rows = mixture(from.length, height, Math.floor(at / width));
    const columns = mixture(from[0]!.length, width, at % width);
    return from.reduce(
      (sum, row, y) => sum + rows[y]! * row.reduce((part, value, x) => part + columns[x]! * value, 0),
      0,
    );
  });

/** Where the centre of a place of the result lies among the places of the axis. */
const centre = (extent: number, size: number, place: number): number => ((place + 0.5) * extent) / size - 0.5;

/** By a kernel around the centre, widened by `wide` where the result is smaller; what lies outside weighs nothing. */
const by =
  (kernel: (distance: number) => number, wide = false): Mixture =>
  (extent, size, place) => {
    const scale = wide ? Math.max(1, extent / size) : 1;
    const weights = Array.from({ length: extent }, (_, at) =>
      kernel(Math.abs(at - centre(extent, size, place)) / scale),
    );
    const total = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / total);
  };

/** Keys 1981, a = −½. */
const cubic = (x: number): number =>
  x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
const triangle = (x: number): number => Math.max(0, 1 - x);

/** TensorFlow's: the centre rounded to one of 1024 places between two pixels, for which it has tables. */
const tabled: Mixture = (extent, size, place) => {
  const at = centre(extent, size, place);
  const rounded = Math.floor(at) + Math.round((at - Math.floor(at)) * 1024) / 1024;
  const weights = Array.from({ length: extent }, (_, other) => cubic(Math.abs(other - rounded)));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
};

async function expectPicture(saved: ReturnType<typeof resized>, expected: readonly number[], within = 1e-5) {
  const [found] = await outputsOf(saved, pictures);
  expect(found).toHaveLength(expected.length);
  const worst = Math.max(...expected.map((value, at) => Math.abs(found![at]! - value)));
  expect(worst).toBeLessThan(within);
}

const sizes: (readonly [number, number])[] = [
  [10, 14],
  [3, 11],
  [13, 4],
];

describe.each(sizes)("resizing to %d × %d", (height, width) => {
  const size = [height, width] as const;

  test("bicubic is by Keys's weights; TensorFlow's tables are within 1e-3 of them", async () => {
    const saved = resized(height, width, "bicubic");
    await expectPicture(saved, mixed(picture, size, by(cubic)));
    await expectPicture(saved, mixed(picture, size, tabled), 1e-3);
    await checkPictureGradient(saved, pictures);
  });

  test("bilinear", async () => {
    await expectPicture(resized(height, width, "bilinear"), mixed(picture, size, by(triangle)));
  });

  test("the nearest pixel", async () => {
    const nearest: Mixture = (extent, of, place) => {
      const at = Math.floor(((place + 0.5) * extent) / of);
      return Array.from({ length: extent }, (_, other) => Number(other === at));
    };
    await expectPicture(
      resized(height, width, "nearest", { antialias: true }),
      mixed(picture, size, nearest),
    );
  });

  test("bicubic, of all that a place covers", async () => {
    const saved = resized(height, width, "bicubic", { antialias: true });
    await expectPicture(saved, mixed(picture, size, by(cubic, true)));
    await checkPictureGradient(saved, pictures);
  });
});

test("twice as large, TensorFlow's tables have the very weights", async () => {
  const saved = sequential([H, W, 1], [layer("UpSampling2D", { size: [2, 2], interpolation: "bicubic" })]);
  await expectPicture(saved, mixed(picture, [10, 14], tabled));
});

test("bilinear, of all that a place covers, only where none covers more than one", async () => {
  const config = { antialias: true };
  await expectPicture(resized(5, 8, "bilinear", config), mixed(picture, [5, 8], by(triangle)));
  expect(() => kerasGraph(resized(4, 8, "bilinear", config), "net", 32)).toThrow(
    "shrinks pictures with antialias, which is done here for bicubic alone",
  );
});

test("cut to the aspect first", async () => {
  // 5 × 7 has room for 5 × 5 of a square.
  const square = picture.map((row) => row.slice(1, 6));
  const saved = resized(3, 3, "bilinear", { crop_to_aspect_ratio: true });
  await expectPicture(saved, mixed(square, [3, 3], by(triangle)));
});

test("padded to the aspect first, as much at both sides", async () => {
  const saved = resized(6, 6, "bilinear", {
    pad_to_aspect_ratio: true,
    fill_mode: "constant",
    fill_value: 0.5,
  });
  const row = new Array<number>(W).fill(0.5);
  await expectPicture(saved, mixed([row, ...picture, row], [6, 6], by(triangle)));
  await checkPictureGradient(saved, pictures);
  // 5 × 7 as 4 × 8 would be 5 × 10: three columns more, of which one stays away.
  const wide = picture.map((values) => [0, ...values, 0]);
  await expectPicture(
    resized(4, 8, "bilinear", { pad_to_aspect_ratio: true }),
    mixed(wide, [4, 8], by(triangle)),
  );
});

test("pictures of the size of a random crop pass; others are refused", async () => {
  const crop = (height: number, width: number) =>
    sequential([H, W, 1], [layer("RandomCrop", { name: "crop", height, width })]);
  await expectPicture(crop(H, W), [...pictures.data]);
  expect(() => kerasGraph(crop(4, 4), "net", 32)).toThrow(
    'layer "crop" (RandomCrop) makes 4×4 of 5×7 pixels, which versions of Keras do differently',
  );
});
