import { describe, expect, it } from "vitest";
import { resizeMap } from "../../src/base/resize.ts";
import { float32 } from "../../src/base/tensor.ts";

describe("resizeMap", () => {
  it("is bilinear between pixel centres and clamps at the edges", () => {
    const { shape, data } = resizeMap(float32([2, 2], [0, 1, 2, 3]), 4, 4);
    expect(shape).toEqual([4, 4]);
    expect([...data]).toEqual([
      ...[0, 0.25, 0.75, 1],
      ...[0.5, 0.75, 1.25, 1.5],
      ...[1.5, 1.75, 2.25, 2.5],
      ...[2, 2.25, 2.75, 3],
    ]);
  });

  it("halves by the mean of the two middle pixels", () => {
    expect([...resizeMap(float32([1, 4], [0, 1, 2, 5]), 1, 2).data]).toEqual([0.5, 3.5]);
  });

  it("takes the pixel under the centre when nearest", () => {
    expect([...resizeMap(float32([1, 2], [7, 9]), 1, 5, "nearest").data]).toEqual([7, 7, 9, 9, 9]);
    expect([...resizeMap(float32([1, 3], [7, 8, 9]), 1, 2, "nearest").data]).toEqual([7, 9]);
  });

  it("treats leading axes as planes", () => {
    const { shape, data } = resizeMap(float32([1, 2, 1, 2], [0, 4, 10, 20]), 2, 1);
    expect(shape).toEqual([1, 2, 2, 1]);
    expect([...data]).toEqual([2, 2, 15, 15]);
  });

  it("changes nothing at the same size", () => {
    const values = [3, -1, 4, 1, -5, 9];
    expect([...resizeMap(float32([2, 3], values), 2, 3).data]).toEqual(values);
  });

  it("spreads a single pixel evenly", () => {
    expect([...resizeMap(float32([1, 1], [0.5]), 2, 2).data]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});
