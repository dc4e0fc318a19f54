import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import type { Picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { activationGrid } from "../../src/render/activation-grid.ts";
import { colormaps } from "../../src/render/colormaps.ts";

function activations(channels: number, height: number, width: number): Tensor<"float32"> {
  const source = random(1, channels, height, width);
  return float32(
    [channels, height, width],
    Float32Array.from({ length: channels * height * width }, () => source.normal() * 3 + 1),
  );
}

const pixel = ({ data, width }: Picture, x: number, y: number): number[] => [
  ...data.slice(3 * (y * width + x), 3 * (y * width + x) + 3),
];

/** The recipe word for word. */
function levels(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) * (b - mean), 0) / values.length;
  return values
    .map((value) => (value - mean) / Math.sqrt(variance))
    .map((value) => value * 64 + 128)
    .map((value) => Math.trunc(Math.min(255, Math.max(0, value))));
}

describe("activationGrid", () => {
  it.each([
    { channels: 35, height: 70, width: 66, factor: 1, gap: 1 },
    { channels: 16, height: 15, width: 15, factor: 5, gap: 2 },
    { channels: 5, height: 7, width: 9, factor: 8, gap: 2 },
  ])(
    "draws $channels channels of $height × $width by the recipe",
    ({ channels, height, width, factor, gap }) => {
      const source = activations(channels, height, width);
      const { picture: grid, shape, dead } = activationGrid(source);
      const [columns, rows] = [Math.min(16, channels), Math.ceil(channels / 16)];
      expect(grid.width).toBe(columns * width * factor + (columns - 1) * gap);
      expect(grid.height).toBe(rows * height * factor + (rows - 1) * gap);
      expect([shape, dead]).toEqual([[channels, height, width], []]);

      const size = height * width;
      for (let channel = 0; channel < channels; channel++) {
        const values = [...source.data.slice(channel * size, (channel + 1) * size)];
        const left = (channel % 16) * (width * factor + gap);
        const top = Math.floor(channel / 16) * (height * factor + gap);
        const found: number[][] = [];
        const wanted: number[][] = [];
        levels(values).forEach((index, i) => {
          wanted.push([...colormaps.plasma.lut.slice(3 * index, 3 * index + 3)]);
          const [x, y] = [left + (i % width) * factor, top + Math.floor(i / width) * factor];
          found.push(pixel(grid, x + factor - 1, y + factor - 1));
        });
        expect(found).toEqual(wanted);
      }
    },
  );

  it("separates channels by white lines and pads the last row with white", () => {
    const { picture: grid } = activationGrid(activations(17, 64, 64));
    expect(pixel(grid, 64, 10)).toEqual([255, 255, 255]);
    expect(pixel(grid, 10, 64)).toEqual([255, 255, 255]);
    expect(pixel(grid, 65 + 30, 65 + 30)).toEqual([255, 255, 255]);
  });

  it("hatches dead channels and counts them, also where a mean is not exact", () => {
    const source = activations(4, 10, 10);
    source.data.fill(0, 100, 200);
    source.data.fill(0.1, 300, 400);
    const { picture: grid, dead } = activationGrid(source, { colormap: "viridis" });
    expect(dead).toEqual([1, 3]);
    const cell = 10 * 7 + 2;
    const shades = new Set<string>();
    for (let i = 0; i < 70; i++) shades.add(pixel(grid, cell + i, i).join());
    expect([...shades].sort()).toEqual(["42,46,52", "84,90,98"]);
  });

  it("refuses what is no feature map", () => {
    expect(() => activationGrid(float32([1, 4], [1, 2, 3, 4]))).toThrow(UserError);
    const source = activations(2, 3, 3);
    source.data[10] = Number.NaN;
    expect(() => activationGrid(source)).toThrow("channel 1 of the activations holds NaN or infinite values");
  });
});
