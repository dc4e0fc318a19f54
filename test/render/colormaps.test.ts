import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { UsageError, UserError } from "../../src/base/errors.ts";
import { float32 } from "../../src/base/tensor.ts";
import { type ColormapName, colorize, colormapNamed, colormaps } from "../../src/render/colormaps.ts";

/** Of matplotlib 3.11.2: sum of the 768 bytes, and the beginning of their SHA-256. */
const known = {
  plasma: [95_961, "3c079586af5e9371"],
  viridis: [84_207, "96a1f6f37d4041f9"],
  inferno: [80_492, "8092f65256023cef"],
  magma: [89_738, "e2e7c21b2cdebd6f"],
  cividis: [90_724, "8a6c6bf382be7cc3"],
  RdBu: [119_214, "ab1fcfcca1205ddf"],
  gray: [97_848, "c15598e2bf5c6ff3"],
  jet: [94_891, "c1b7b97444ebebfc"],
} as const;

describe("colormaps", () => {
  it("are all known", () => {
    expect(Object.keys(colormaps).sort()).toEqual([...Object.keys(known), "RdBu_r"].sort());
    for (const [name, colormap] of Object.entries(colormaps)) expect(colormap.name).toBe(name);
  });

  it.each(Object.entries(known))("%s has matplotlib's bytes", (name, expected) => {
    const { lut } = colormaps[name as ColormapName];
    expect(lut).toHaveLength(768);
    const hash = createHash("sha256").update(lut).digest("hex").slice(0, 16);
    expect([lut.reduce((a, b) => a + b), hash]).toEqual(expected);
  });

  it("RdBu_r is RdBu turned over: red above zero", () => {
    const { RdBu, RdBu_r } = colormaps;
    for (const i of [0, 1, 128, 255])
      expect(RdBu_r.lut.slice(3 * i, 3 * i + 3)).toEqual(RdBu.lut.slice(765 - 3 * i, 768 - 3 * i));
    expect([RdBu.signed, RdBu_r.signed, colormaps.plasma.signed]).toEqual([true, true, false]);
  });

  it("truncate, as plasma's known rows show", () => {
    const row = (i: number): number[] => [...colormaps.plasma.lut.slice(3 * i, 3 * i + 3)];
    expect([0, 64, 127, 128, 192, 255].map(row)).toEqual([
      [12, 7, 134],
      [126, 3, 167],
      [202, 70, 120],
      [203, 71, 119],
      [248, 149, 64],
      [239, 248, 33],
    ]);
  });

  it("are found by name, or the error says which there are", () => {
    expect(colormapNamed("magma")).toBe(colormaps.magma);
    expect(() => colormapNamed("turbo")).toThrow(UsageError);
    expect(() => colormapNamed("toString")).toThrow(
      'there is no colormap "toString"; there are plasma, viridis, inferno, magma, cividis, RdBu, RdBu_r, gray and jet',
    );
  });
});

describe("colorize", () => {
  const row = (name: keyof typeof colormaps, i: number): number[] => [
    ...colormaps[name].lut.slice(3 * i, 3 * i + 3),
  ];

  it("takes index floor(256 v), the last for 1, the ends outside the range", () => {
    const map = float32([1, 6], [-3, 0, 0.25, 0.5, 1, 7]);
    const { width, height, data } = colorize(map, { range: [0, 1] });
    expect([width, height]).toEqual([6, 1]);
    expect([...data]).toEqual([0, 0, 64, 128, 255, 255].flatMap((i) => row("plasma", i)));
  });

  it("shows 0 to the maximum by default", () => {
    const { data } = colorize(float32([1, 1, 3], [-1, 2, 4]), { colormap: "gray" });
    expect([...data]).toEqual([0, 128, 255].flatMap((i) => row("gray", i)));
  });

  it("is symmetric about 0 for a signed colour map", () => {
    const { data } = colorize(float32([1, 3], [-1, 0, 4]), { colormap: "RdBu" });
    expect([...data]).toEqual([96, 128, 255].flatMap((i) => row("RdBu", i)));
  });

  it("never stretches a map without positive values", () => {
    for (const values of [
      [0, 0],
      [-1, -5],
    ])
      expect([...colorize(float32([1, 2], values)).data]).toEqual([...row("plasma", 0), ...row("plasma", 0)]);
  });

  it("refuses what has no colour", () => {
    expect(() => colorize(float32([1, 2], [0, Number.NaN]))).toThrow(UserError);
    expect(() => colorize(float32([1, 2], [0, Number.POSITIVE_INFINITY]))).toThrow(/NaN or infinite/);
    expect(() => colorize(float32([3, 1, 1], [1, 2, 3]))).toThrow("a map of shape [3, 1, 1] cannot be shown");
  });
});
