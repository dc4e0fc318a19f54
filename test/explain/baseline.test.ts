import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { baselineOf, baselinesOf } from "../../src/explain/baseline.ts";
import * as op from "../../src/graph/operators/index.ts";
import { presets } from "../../src/model/preprocessing.ts";
import { toy } from "./reference.ts";

const plain = toy([2, 1, 3], (g, x) => ({ logits: op.flatten(g, x), layers: {} }));
const inputs = float32([2, 2, 1, 3], [0, 1, 5, -2, -2, 4, 1, 1, 1, 0, 3, 6]);
const pictures = { model: plain, inputs };

test.each([
  ["zero", new Array(12).fill(0)],
  [0.5, new Array(12).fill(0.5)],
  ["mean", [2, 2, 2, 0, 0, 0, 1, 1, 1, 3, 3, 3]],
] as const)("%s", (baseline, expected) => {
  const result = baselineOf(pictures, baseline);
  expect(result.shape).toEqual(inputs.shape);
  expect([...result.data]).toEqual(expected);
});

test("black and white are what they are to the network, channel by channel", () => {
  const { mean, std } = presets.imagenet;
  const preprocessing = { ...presets.imagenet, mean: mean.slice(0, 2), std: std.slice(0, 2) };
  const model = { ...plain, input: { ...plain.input, preprocessing } };
  const numbers = (name: "black" | "white") => [...baselineOf({ model, inputs }, name).data.slice(0, 6)];
  const [black, white] = [
    [-0.485 / 0.229, -0.456 / 0.224],
    [0.515 / 0.229, 0.544 / 0.224],
  ] as const;
  for (const [at, value] of numbers("black").entries()) expect(value).toBeCloseTo(black[at < 3 ? 0 : 1]!, 6);
  for (const [at, value] of numbers("white").entries()) expect(value).toBeCloseTo(white[at < 3 ? 0 : 1]!, 6);
  expect(() => baselineOf(pictures, "black")).toThrow("does not say how pictures become its input");
});

test("blur keeps plain channels and smooths others", () => {
  const model = { ...plain, input: { ...plain.input, width: 20, height: 20 } };
  const { data } = baselineOf({ model, inputs }, "blur");
  for (const value of data.slice(6, 9)) expect(value).toBeCloseTo(1, 6);
  // Of one deviation the weights are 1, 0.6065 and 0.1353.
  const [near, far] = [Math.exp(-0.5), Math.exp(-2)];
  expect(data[0]).toBeCloseTo((near + 5 * far) / (1 + near + far), 5);
  expect(data[1]).toBeCloseTo((1 + 5 * near) / (1 + 2 * near), 5);
});

describe("tensors", () => {
  test("one for all pictures", () => {
    const own = float32([2, 1, 3], [1, 2, 3, 4, 5, 6]);
    expect([...baselineOf(pictures, own).data]).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  });

  test("a set", () => {
    const set = float32(
      [3, 2, 1, 3],
      Array.from({ length: 18 }, (_, at) => at),
    );
    const { count, of } = baselinesOf(pictures, set);
    expect(count).toBe(3);
    expect([...of(1, 2)]).toEqual([12, 13, 14, 15, 16, 17]);
    expect(() => baselineOf(pictures, set)).toThrow(
      "A tensor [3, 2, 1, 3] is 3 baselines, and this method takes one",
    );
  });

  test.each([[[3, 2]], [[2, 3, 1]], [[1, 2, 1, 2]], [[0, 2, 1, 3]]])("%j is refused", (shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    expect(() => baselinesOf(pictures, float32(shape, new Float32Array(size)))).toThrow(
      `A baseline [${shape.join(", ")}] does not fit the network, which takes [2, 1, 3].`,
    );
  });
});

test("extremes are each channel's least and greatest number", () => {
  const { count, of } = baselinesOf(pictures, "extremes");
  expect(count).toBe(2);
  expect([...of(0, 0)]).toEqual([0, 0, 0, -2, -2, -2]);
  expect([...of(1, 1)]).toEqual([1, 1, 1, 6, 6, 6]);
  expect(() => baselineOf(pictures, "extremes")).toThrow('"extremes" is 2 baselines');
});
