import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { readFonts } from "../../src/render/font.node.ts";
import { rasterize } from "../../src/render/raster.node.ts";
import { type SvgElement, svgDocument } from "../../src/render/svg.ts";
import { shorten, text, textWidth } from "../../src/render/text.ts";

const fonts = await readFonts();

/** Bounding box of the ink on a 200 × 200 canvas: left, top, right, bottom in px. */
async function ink(drawn: SvgElement): Promise<number[]> {
  const figure = { title: "", description: "", width: 200, height: 200, children: [drawn] };
  const png = await rasterize(svgDocument(figure), 1);
  const { data } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  const dark = [...data.entries()]
    .filter(([, value]) => value < 128)
    .map(([i]) => [i % 200, Math.floor(i / 200)]);
  const xs = dark.map(([x]) => x!);
  const ys = dark.map(([, y]) => y!);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

describe("text", () => {
  it("stands on its base line, capitals 0.698 of the font size high", async () => {
    const [, top, , bottom] = await ink(
      text(fonts.regular, "H", { x: 20, y: 150, size: 100, fill: "black" }),
    );
    expect(bottom).toBe(150);
    expect(Math.abs(top! - (150 - 69.8))).toBeLessThan(1);
  });

  it("is anchored at its start, middle or end", async () => {
    const options = { x: 100, y: 100, size: 40, fill: "black" };
    const width = textWidth(fonts.regular, "HHH", 40);
    const [start] = await ink(text(fonts.regular, "HHH", options));
    const [middle] = await ink(text(fonts.regular, "HHH", { ...options, anchor: "middle" }));
    const [end] = await ink(text(fonts.regular, "HHH", { ...options, anchor: "end" }));
    expect(Math.abs(start! - middle! - width / 2)).toBeLessThanOrEqual(1);
    expect(Math.abs(start! - end! - width)).toBeLessThanOrEqual(1);
  });

  it("turns about its anchor", async () => {
    const drawn = text(fonts.bold, "HHHH", { x: 100, y: 180, size: 30, fill: "black", rotate: -90 });
    const [left, top, right, bottom] = await ink(drawn);
    expect(right).toBe(100);
    expect(right! - left!).toBeLessThan(25);
    expect(bottom! - top!).toBeGreaterThan(60);
  });

  it("draws round letters with their holes", async () => {
    const [left, top, right, bottom] = await ink(
      text(fonts.regular, "O", { x: 20, y: 150, size: 100, fill: "black" }),
    );
    const figure = {
      title: "",
      description: "",
      width: 200,
      height: 200,
      children: [text(fonts.regular, "O", { x: 20, y: 150, size: 100, fill: "black" })],
    };
    const { data } = await sharp(await rasterize(svgDocument(figure), 1))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const middle = Math.round((top! + bottom!) / 2) * 200 + Math.round((left! + right!) / 2);
    expect(data[middle]).toBe(255);
  });

  it("is an outline for Latin, Greek, Cyrillic and Vietnamese", () => {
    for (const word of ["dog 97%", "naïve × 2 – … −", "γάτα", "кошка", "con mèo", "Łódź"])
      expect([word, text(fonts.regular, word, { x: 0, y: 0, size: 12, fill: "black" }).name]).toEqual([
        word,
        "path",
      ]);
  });

  it("leaves other scripts to the viewer's fonts, in the width foreseen", () => {
    const drawn = text(fonts.regular, "猫 cat", { x: 0, y: 0, size: 10, fill: "black", anchor: "end" });
    expect(drawn.name).toBe("text");
    expect(drawn.children).toEqual(["猫 cat"]);
    expect(drawn.attributes.textLength).toBe(textWidth(fonts.regular, "猫 cat", 10));
  });
});

describe("textWidth", () => {
  it("gives every digit the same, and the sum of its letters", () => {
    const widths = [..."0123456789"].map((digit) => textWidth(fonts.regular, digit, 20));
    expect(new Set(widths)).toEqual(new Set([12]));
    expect(textWidth(fonts.regular, "42", 20)).toBe(24);
  });
});

describe("shorten", () => {
  it("keeps what fits", () => {
    expect(shorten(fonts.regular, "Labrador", 12, 100)).toBe("Labrador");
  });

  it("keeps beginning and end of what does not, within the width", () => {
    const name = `first${"-".repeat(1000)}last`;
    const short = shorten(fonts.regular, name, 12, 100);
    expect(short).toMatch(/^first-+…-+last$/);
    expect(textWidth(fonts.regular, short, 12)).toBeLessThanOrEqual(100);
    expect(textWidth(fonts.regular, short, 12)).toBeGreaterThan(90);
  });

  it("is one line of what can be printed", () => {
    expect(shorten(fonts.regular, "a\nb\tc\u0000d\ud800", 12, 100)).toBe("a b c d ");
  });
});
