import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { tensor } from "../../src/base/tensor.ts";
import {
  type Augmentation,
  checkAugmentation,
  composeTransform,
  defaultAugmentation,
  drawTransform,
  drawTransforms,
  noAugmentation,
  type Transform,
  warpTransforms,
} from "../../src/data/augment.ts";
import { warp } from "../../src/data/warp.ts";
import type { Engine, Program } from "../../src/engine/engine.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { presets } from "../../src/model/preprocessing.ts";
import { preprocessed } from "../../src/model/preprocessing-graph.ts";

const degrees = Math.PI / 180;
const square = { width: 150, height: 150 };

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe("the matrix", () => {
  // Keras's product of rotation, shift, shear and zoom between its offset matrices, evaluated with NumPy.
  test("is Keras's", () => {
    const given = {
      theta: 30 * degrees,
      shiftX: 15,
      shiftY: -7.5,
      shear: 20 * degrees,
      zoomX: 0.9,
      zoomY: 1.1,
      flip: false,
    };
    expectClose(
      composeTransform(given, square),
      [0.779422863406, -0.842648887431, 95.95071984662, 0.45, 0.707066370655, -10.696635142195],
      1e-9,
    );
    const other = {
      theta: -25 * degrees,
      shiftX: -6,
      shiftY: 4,
      shear: 10 * degrees,
      zoomX: 1.2,
      zoomY: 0.8,
      flip: true,
    };
    expectClose(
      composeTransform(other, { width: 64, height: 48 }),
      [-1.087569344444, 0.207055236082, 57.145262626801, 0.507141914089, 0.772740661031, -4.473435109442],
      1e-9,
    );
  });

  test("is the identity without augmentation", () => {
    expectClose(drawTransform(random(1), noAugmentation, square), [1, 0, 0, 0, 1, 0], 1e-12);
  });

  test("each range acts alone, within its bounds and up to them, on the axis in its name", () => {
    const draw = (only: Partial<Augmentation>): Transform[] =>
      Array.from({ length: 2000 }, (_, i) =>
        drawTransform(random(7, i), { ...noAugmentation, ...only }, { width: 100, height: 50 }),
      );
    const span = (values: number[], low: number, high: number): void => {
      const slack = (high - low) / 100;
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1e-9);
      expect(Math.min(...values)).toBeLessThan(low + slack);
      expect(Math.max(...values)).toBeLessThanOrEqual(high + 1e-9);
      expect(Math.max(...values)).toBeGreaterThan(high - slack);
    };
    span(
      draw({ rotation: 40 }).map(([a, , , d]) => Math.atan2(d, a) / degrees),
      -40,
      40,
    );
    span(
      draw({ widthShift: 0.2 }).map(([, , c]) => c),
      -20,
      20,
    );
    expect(draw({ widthShift: 0.2 }).every(([, , , , , f]) => Math.abs(f) < 1e-9)).toBe(true);
    span(
      draw({ heightShift: 0.2 }).map(([, , , , , f]) => f),
      -10,
      10,
    );
    span(
      draw({ shear: 30 }).map(([, b]) => Math.asin(-b) / degrees),
      -30,
      30,
    );
    span(
      draw({ zoom: 0.2 }).map(([a]) => a),
      0.8,
      1.2,
    );
    span(
      draw({ zoom: 0.2 }).map(([, , , , e]) => e),
      0.8,
      1.2,
    );
    const flips = draw({ horizontalFlip: true }).filter(([a]) => a < 0);
    expect(flips.length).toBeGreaterThan(900);
    expect(flips.length).toBeLessThan(1100);
    expectClose(flips[0]!, [-1, 0, 99, 0, 1, 0], 1e-12);
  });

  test("follows from its stream alone", () => {
    const draw = (epoch: number) =>
      drawTransforms(random(3, "augment", epoch), defaultAugmentation, square, 4);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1).shape).toEqual([4, 3, 2]);
  });

  test("ranges out of bounds are refused", () => {
    expect(() => checkAugmentation(defaultAugmentation)).not.toThrow();
    expect(() => checkAugmentation({ ...noAugmentation, zoom: 1 })).toThrow(
      /^the augmentation's zoom is 1; it must lie between 0 and 0\.99$/,
    );
    expect(() => checkAugmentation({ ...noAugmentation, rotation: Number.NaN })).toThrow(/rotation is NaN/);
  });
});

describe("the warp", () => {
  const [count, width, height] = [6, 33, 20];
  const size = { width, height };
  const pixels = count * height * width * 3;
  const bytes = new Uint8Array(pixels);
  const engine: Engine = nodeEngine({ threads: 1 });
  let program: Program;

  beforeAll(async () => {
    const { below } = random(1, "pixels");
    for (let i = 0; i < pixels; i++) bytes[i] = below(256);
    const g = new GraphBuilder();
    const images = g.input("images", "uint8", ["N", height, width, 3]);
    const transforms = g.input("transforms", "float32", ["N", 3, 2]);
    program = await engine.compile(
      g.finish("augment", { x: warp(g, preprocessed(g, images, presets.unit), transforms, size) }),
    );
  });
  afterAll(() => program.dispose());

  async function run(transforms: readonly Transform[]): Promise<number[]> {
    const images = tensor("uint8", [count, height, width, 3], bytes);
    const { x } = await program.run({ images, transforms: warpTransforms(transforms, size) });
    expect(x!.shape).toEqual([count, 3, height, width]);
    return [...(x!.data as Float32Array)];
  }

  /** scipy.ndimage.affine_transform with order 1 and mode "nearest", one value at a time. */
  function reference(transforms: readonly Transform[]): number[] {
    const inside = (value: number, extent: number): number => Math.min(Math.max(value, 0), extent - 1);
    const out: number[] = [];
    for (const [n, [a, b, c, d, e, f]] of transforms.entries())
      for (let channel = 0; channel < 3; channel++) {
        const at = (y: number, x: number): number =>
          bytes[((n * height + inside(y, height)) * width + inside(x, width)) * 3 + channel]! / 255;
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const fromX = inside(a * x + b * y + c, width);
            const fromY = inside(d * x + e * y + f, height);
            const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
            const [right, bottom] = [fromX - left, fromY - top];
            out.push(
              (1 - bottom) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
                bottom * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1)),
            );
          }
      }
    return out;
  }

  test("agrees with the reference", async () => {
    const strong = { ...defaultAugmentation, shear: 20, zoom: 0.5 };
    const transforms = Array.from({ length: count }, (_, i) => drawTransform(random(2, i), strong, size));
    expectClose(await run(transforms), reference(transforms), 1e-5);
  });

  test("leaves pictures as they are under the identity, and mirrors them under a flip", async () => {
    const identity: Transform = [1, 0, 0, 0, 1, 0];
    const flip: Transform = [-1, 0, width - 1, 0, 1, 0];
    const transforms = Array.from({ length: count }, (_, i) => (i % 2 ? flip : identity));
    const expected = Array.from({ length: pixels }, (_, i) => {
      const x = i % width;
      const y = Math.floor(i / width) % height;
      const channel = Math.floor(i / (width * height)) % 3;
      const n = Math.floor(i / (width * height * 3));
      return bytes[((n * height + y) * width + (n % 2 ? width - 1 - x : x)) * 3 + channel]! / 255;
    });
    expectClose(await run(transforms), expected, 5e-6);
  });
});
