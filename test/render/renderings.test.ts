import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { colormaps } from "../../src/render/colormaps.ts";
import { overlay } from "../../src/render/renderings/overlay.ts";

const grey = picture(4, 1, new Uint8Array(12).fill(100));
const noise = picture(
  5,
  3,
  Uint8Array.from({ length: 45 }, () => random(3).below(256)),
);

describe("overlay", () => {
  it("blends by opacity times value", () => {
    const { data } = overlay(grey, float32([1, 4], [0, 1, 2, 4]), { opacity: 0.5 });
    const blend = (index: number, share: number): number[] =>
      [0, 1, 2].map((c) => Math.round(100 + (colormaps.plasma.lut[3 * index + c]! - 100) * share));
    expect([...data]).toEqual([
      ...[100, 100, 100],
      ...blend(64, 0.125),
      ...blend(128, 0.25),
      ...blend(255, 0.5),
    ]);
    // 0.25 of (203, 71, 119) and 0.75 of 100, by hand.
    expect([...data.slice(6, 9)]).toEqual([126, 93, 105]);
  });

  it("upsamples the map bilinearly to the photo", () => {
    const small = overlay(grey, float32([1, 2], [0, 1]), { range: [0, 1] });
    const full = overlay(grey, float32([1, 1, 4], [0, 0.25, 0.75, 1]), { range: [0, 1] });
    expect(small).toEqual(full);
  });

  it("leaves the photo as it is where nothing speaks for the class", () => {
    for (const value of [0, -2])
      expect(overlay(noise, float32([2, 2], new Float32Array(4).fill(value))).data).toEqual(noise.data);
    expect(overlay(noise, float32([1, 1], [0]), { colormap: "RdBu" }).data).toEqual(noise.data);
  });

  it("lets both signs of a signed map show, and its zero vanish", () => {
    const { data } = overlay(grey, float32([1, 4], [-1, 0, 0.5, 1]), { colormap: "RdBu", opacity: 1 });
    const { lut } = colormaps.RdBu;
    expect([...data.slice(0, 6)]).toEqual([...lut.slice(0, 3), 100, 100, 100]);
    expect([...data.slice(9)]).toEqual([...lut.slice(765)]);
  });

  it("does not touch the photo it is given", () => {
    const before = grey.data.slice();
    overlay(grey, float32([1, 1], [1]));
    expect(grey.data).toEqual(before);
  });

  it("refuses NaN", () => {
    expect(() => overlay(grey, float32([1, 1], [Number.NaN]))).toThrow(UserError);
  });
});
