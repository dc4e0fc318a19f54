import { describe, expect, it } from "vitest";
import { picture } from "../../src/base/picture.ts";
import { enlarge, shrinkToFit } from "../../src/render/scale.ts";

const rgb = (...levels: number[]): Uint8Array => Uint8Array.from(levels.flatMap((v) => [v, v + 1, v + 2]));

describe("enlarge", () => {
  it("makes a square of every pixel", () => {
    expect(enlarge(picture(2, 1, rgb(10, 20)), 2)).toEqual(
      picture(4, 2, rgb(10, 10, 20, 20, 10, 10, 20, 20)),
    );
  });
});

describe("shrinkToFit", () => {
  it("averages areas and keeps the proportions", () => {
    const source = picture(4, 2, rgb(0, 10, 100, 110, 20, 30, 120, 130));
    expect(shrinkToFit(source, 2, 2)).toEqual(picture(2, 1, rgb(15, 115)));
  });

  it("weighs pixels that are covered in part", () => {
    // Each half covers one and a half pixels: (0 · 1 + 60 · 0.5) / 1.5 and (60 · 0.5 + 90 · 1) / 1.5.
    expect(shrinkToFit(picture(3, 1, rgb(0, 60, 90)), 2, 9)).toEqual(picture(2, 1, rgb(20, 80)));
  });

  it("returns what fits as it is, and keeps a hair-thin picture", () => {
    const small = picture(3, 1, rgb(1, 2, 3));
    expect(shrinkToFit(small, 3, 1)).toBe(small);
    expect(shrinkToFit(picture(1, 1000), 10, 10)).toMatchObject({ width: 1, height: 10 });
  });
});
