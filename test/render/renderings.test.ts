import { describe, expect, it } from "vitest";
import { UsageError, UserError } from "../../src/base/errors.ts";
import { picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { colormaps } from "../../src/render/colormaps.ts";
import { isoLines } from "../../src/render/iso-lines.ts";
import { renderings } from "../../src/render/renderings/index.ts";
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

const square = (...values: number[]) => float32([Math.sqrt(values.length), Math.sqrt(values.length)], values);
/** Pixel `at` of a picture. */
const pixel = ({ data }: { data: Uint8Array }, at: number): number[] => [...data.slice(3 * at, 3 * at + 3)];
const color = (name: keyof typeof colormaps, index: number): number[] => [
  ...colormaps[name].lut.slice(3 * index, 3 * index + 3),
];

describe.each(Object.entries(renderings))("%s", (_, draw) => {
  it("has the photo's size, and leaves the photo that it is given as it is", () => {
    const before = noise.data.slice();
    const { width, height, data } = draw(noise, float32([2, 2], [1, 2, 3, 4]));
    expect([width, height, data.length]).toEqual([5, 3, 45]);
    expect(noise.data).toEqual(before);
    expect(data).not.toEqual(before);
  });

  it("refuses NaN, and several channels", () => {
    expect(() => draw(noise, float32([1, 1], [Number.NaN]))).toThrow(UserError);
    expect(() => draw(noise, float32([3, 1, 1], [1, 2, 3]))).toThrow(/give one channel/);
  });
});

describe("heatmap", () => {
  it("has squares, or is smooth if asked", () => {
    const map = float32([1, 2], [0, 1]);
    const squares = renderings.heatmap(grey, map);
    expect([0, 1, 2, 3].map((at) => pixel(squares, at))).toEqual(
      [0, 0, 255, 255].map((index) => color("plasma", index)),
    );
    const smooth = renderings.heatmap(grey, map, { interpolation: "bilinear" });
    expect([0, 1, 2, 3].map((at) => pixel(smooth, at))).toEqual(
      [0, 64, 192, 255].map((index) => color("plasma", index)),
    );
  });
});

describe("signed", () => {
  it("prints red for and blue against on the photo in faint grey", () => {
    const printed = renderings.signed(grey, float32([1, 4], [-2, 0, 1, 2]));
    // A grey of 100 with 85% covered is 231.75.
    const expected = [0, 128, 192, 255].map((index) =>
      color("RdBu_r", index).map((level) => Math.round((231.75 * level) / 255)),
    );
    expect([0, 1, 2, 3].map((at) => pixel(printed, at))).toEqual(expected);
    const [red, , blue] = pixel(printed, 3);
    expect(red).toBeGreaterThan(blue!);
  });

  it("refuses colours for one sign", () => {
    expect(() => renderings.signed(grey, float32([1, 1], [1]), { colormap: "plasma" })).toThrow(UsageError);
  });
});

describe("masked", () => {
  it("shows the photo where the map is, and nine tenths of dark where it is not", () => {
    const { data } = renderings.masked(grey, float32([1, 4], [-1, 0, 2, 4]));
    const dark = [22, 24, 28].map((level) => Math.round(100 + (level - 100) * 0.9));
    const half = [22, 24, 28].map((level) => Math.round(100 + (level - 100) * 0.45));
    expect([...data]).toEqual([...dark, ...dark, ...half, 100, 100, 100]);
  });
});

describe("contour", () => {
  const photo = picture(40, 40, new Uint8Array(4800).fill(100));
  const hill = (sign: number) =>
    float32(
      [8, 8],
      Array.from(
        { length: 64 },
        (_, i) => sign * Math.max(0, 3 - Math.hypot(Math.floor(i / 8) - 3.5, (i % 8) - 3.5)),
      ),
    );

  it("goes around what is strong and leaves the rest as it is", () => {
    const drawn = renderings.contour(photo, hill(1));
    const grey = [100, 100, 100];
    // The corners and the very top; on the way there are three lines.
    expect([pixel(drawn, 0), pixel(drawn, 20 * 40 + 20)]).toEqual([grey, grey]);
    const lines = Array.from({ length: 20 }, (_, x) => pixel(drawn, 20 * 40 + x));
    expect(lines.filter((level) => level[0]! > 150).length).toBeGreaterThan(2);
  });

  it("draws nothing where nothing speaks for the target", () => {
    expect(renderings.contour(photo, hill(-1)).data).toEqual(photo.data);
    const faint = hill(1e-3);
    faint.data[0] = -5;
    expect(renderings.contour(photo, faint).data).toEqual(photo.data);
    expect(renderings.contour(photo, float32([1, 1], [3])).data).toEqual(photo.data);
  });

  it("averages a fine map, so that single pixels draw no lines", () => {
    const fine = new Float32Array(64 * 64);
    for (let y = 8; y < 24; y++) for (let x = 8; x < 24; x++) fine[64 * y + x] = (x + y) % 2;
    const coarse = Array.from({ length: 256 }, (_, i) => {
      const [row, column] = [Math.floor(i / 16), i % 16];
      return row >= 2 && row < 6 && column >= 2 && column < 6 ? 0.5 : 0;
    });
    expect(renderings.contour(photo, float32([64, 64], fine))).toEqual(
      renderings.contour(photo, float32([16, 16], coarse)),
    );
  });
});

describe("isoLines", () => {
  it("cross where linear interpolation has the level", () => {
    // From 0 at the upper left: a quarter to the right and a quarter down.
    expect(isoLines(square(0, 4, 4, 4), 1)).toEqual([
      [
        [0.75, 0.5],
        [0.5, 0.75],
      ],
    ]);
    expect(isoLines(square(0, 0, 1, 1), 0.5)).toEqual([
      [
        [1.5, 1],
        [0.5, 1],
      ],
    ]);
    expect(isoLines(square(0, 0, 0, 0), 0)).toEqual([]);
  });

  it("decide at saddles by the mean", () => {
    const cut = (...values: number[]) =>
      isoLines(square(...values), 0.5).map((segment) =>
        segment
          .map(([x, y]) => (x === 1 ? (y === 0.5 ? "top" : "bottom") : x === 0.5 ? "left" : "right"))
          .sort(),
      );
    // 1 at the upper left and lower right: apart, each cut off by itself; or one, if they outweigh the others.
    expect(cut(1, 0, 0, 1).map(String).sort()).toEqual(["bottom,right", "left,top"]);
    const joined = isoLines(square(3, 0, 0, 3), 0.5);
    // The upper right corner and the lower left one are cut off.
    expect(joined.map(([[x1], [x2, y2]]) => [x1 > 1, x2, y2])).toEqual([
      [true, 1.5, expect.closeTo(0.667, 3)],
      [false, 0.5, expect.closeTo(1.333, 3)],
    ]);
  });
});
