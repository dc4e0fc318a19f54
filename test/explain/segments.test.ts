import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { felzenszwalb } from "../../src/explain/segments/felzenszwalb.ts";
import { gridSegments } from "../../src/explain/segments/grid.ts";
import { labOf } from "../../src/explain/segments/lab.ts";
import { levelsOf } from "../../src/explain/segments/levels.ts";
import { slic } from "../../src/explain/segments/slic.ts";
import { preprocess, presets } from "../../src/model/preprocessing.ts";
import { expectClose } from "./reference.ts";

/** Four fields of one color each, their corner at row 12 and column 20 of 30 × 40, under a little noise. */
function fields(): { levels: Tensor<"float32">; field: (i: number) => number } {
  const [height, width] = [30, 40];
  const colors = [
    [200, 30, 30],
    [30, 200, 30],
    [30, 30, 200],
    [220, 220, 40],
  ];
  const field = (i: number): number => 2 * Number(i / width >= 12) + Number(i % width >= 20);
  const source = random(1, "noise");
  const levels = Float32Array.from({ length: 3 * height * width }, (_, at) => {
    const i = at % (height * width);
    return colors[field(i)]![Math.floor(at / (height * width))]! + source.uniform(-4, 4);
  });
  return { levels: float32([3, height, width], levels), field };
}

/** Whether every pixel can be reached from every other of its segment by steps to the side. */
function allConnected(labels: Int32Array, width: number): boolean {
  const seen = new Set<number>();
  const begun = new Set<number>();
  return labels.every((label, start) => {
    if (seen.has(start)) return true;
    if (begun.has(label)) return false;
    begun.add(label);
    const piece = [start];
    seen.add(start);
    for (const i of piece)
      for (const next of [
        i - width,
        i + width,
        ...(i % width ? [i - 1] : []),
        ...((i + 1) % width ? [i + 1] : []),
      ])
        if (labels[next] === label && !seen.has(next)) {
          seen.add(next);
          piece.push(next);
        }
    return true;
  });
}

describe("grid", () => {
  test("rectangles of a third and a half", () => {
    expect([...gridSegments(2, 6, 3)]).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
    expect(new Set(gridSegments(224, 224, 49)).size).toBe(49);
  });

  test("of more segments than pixels each pixel is one", () => {
    expect([...gridSegments(2, 2, 100)]).toEqual([0, 1, 2, 3]);
  });
});

describe("superpixels", () => {
  const { levels, field } = fields();

  test("of SLIC stay within edges, are about as many as asked for, and hang together", () => {
    const labels = slic(levels, 24);
    const count = Math.max(...labels) + 1;
    expect(new Set(labels).size).toBe(count);
    expect(count).toBeGreaterThan(16);
    expect(count).toBeLessThan(30);
    const pairs = new Set(Array.from(labels, (label, i) => `${label} ${field(i)}`));
    expect(pairs.size).toBe(count);
    expect(allConnected(labels, 40)).toBe(true);
  });

  test("of SLIC are squares where there is nothing to see", () => {
    const labels = slic(float32([3, 12, 12], new Float32Array(432).fill(90)), 9);
    const sizes = Array.from({ length: 9 }, (_, label) => labels.filter((other) => other === label).length);
    expect(sizes).toEqual(new Array(9).fill(16));
  });

  test("of Felzenszwalb and Huttenlocher are the fields", () => {
    const labels = felzenszwalb(levels, { scale: 300, deviation: 0, least: 20 });
    expect(labels).toEqual(Int32Array.from(labels, (_, i) => field(i)));
  });

  test("are larger with the scale, and none smaller than the least", () => {
    const counts = [1, 20, 100].map(
      (scale) => new Set(felzenszwalb(levels, { scale, deviation: 0.8, least: 1 })).size,
    );
    expect(counts[0]).toBeGreaterThan(counts[1]!);
    expect(counts[1]).toBeGreaterThan(counts[2]!);
    const labels = felzenszwalb(levels, { scale: 1, deviation: 0.8, least: 25 });
    const sizes = new Map<number, number>();
    for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
    expect(Math.min(...sizes.values())).toBeGreaterThanOrEqual(25);
  });

  test("of one pixel are one", () => {
    const pixel = float32([3, 1, 1], [1, 2, 3]);
    expect([...slic(pixel, 5)]).toEqual([0]);
    expect([...felzenszwalb(pixel, { scale: 1, deviation: 1, least: 9 })]).toEqual([0]);
  });
});

test("colors of Lab: white, and the red of sRGB", () => {
  const lab = labOf(float32([3, 1, 2], [255, 255, 255, 0, 255, 0]));
  expectClose(float32([6], lab), float32([6], [100, 53.24, 0, 80.09, 0, 67.2]), { atol: 0.02, rtol: 0 });
});

describe("levels", () => {
  const picture = { width: 2, height: 1, data: Uint8Array.from([10, 20, 30, 200, 100, 0]) };
  const expected = float32([3, 1, 2], [10, 200, 20, 100, 30, 0]);
  const spec = { name: "x", width: 2, height: 1, channels: 3 };

  test.each(["caffe", "imagenet"] as const)("are had again from what %s made of them", (name) => {
    const input = { ...spec, preprocessing: presets[name] };
    const { data } = preprocess(input, [picture]);
    expectClose(levelsOf(input, float32([3, 1, 2], data)), expected, { atol: 1e-3, rtol: 0 });
  });

  test("fill the range where nobody said, grey three times", () => {
    expect([...levelsOf(spec, float32([1, 1, 2], [-1, 1])).data]).toEqual([0, 255, 0, 255, 0, 255]);
  });
});
