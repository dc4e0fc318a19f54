import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Picture, picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { writePng } from "../../src/render/png.node.ts";
import { encodePng, pngDataUri } from "../../src/render/png.ts";
import { element, svgDocument } from "../../src/render/svg.ts";

async function decode(file: Uint8Array | string): Promise<Picture> {
  const { data, info } = await sharp(file, { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  return picture(info.width, info.height, Uint8Array.from(data));
}

const source = random(5);
const gradient = Uint8Array.from(
  { length: 61 * 40 * 3 },
  (_, i) => Math.floor(i / 61 / 3) * 3 + (i % 3) * 40 + i / 99,
);
const pictures = {
  noise: picture(
    37,
    23,
    Uint8Array.from({ length: 37 * 23 * 3 }, () => source.below(256)),
  ),
  gradient: picture(61, 40, gradient),
  flat: picture(200, 3, new Uint8Array(1800).fill(77)),
  "one pixel": picture(1, 1, Uint8Array.of(1, 2, 3)),
};

describe("encodePng", () => {
  it.each(Object.entries(pictures))("%s comes back from sharp as it was", async (_, original) => {
    expect(await decode(encodePng(original))).toEqual(original);
  });

  it("filters rows, so that a gradient takes a fraction of its bytes", () => {
    expect(encodePng(pictures.gradient).length).toBeLessThan(gradient.length / 10);
  });

  it("comes as a data URI", async () => {
    const uri = pngDataUri(pictures.noise);
    expect(uri).toMatch(/^data:image\/png;base64,/);
    expect(new Uint8Array(Buffer.from(uri.slice(22), "base64"))).toEqual(encodePng(pictures.noise));
  });
});

describe("writePng", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "convscope-png-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("writes a picture", async () => {
    const path = join(folder, "picture.png");
    await writePng(path, pictures.gradient);
    expect(new Uint8Array(await readFile(path))).toEqual(encodePng(pictures.gradient));
  });

  it("draws a figure at two pixels per px", async () => {
    const square = element("rect", { x: 10, y: 5, width: 10, height: 5, fill: "#ff0000" });
    const figure = { title: "t", description: "d", width: 40, height: 20, children: [square] };
    const path = join(folder, "figure.png");
    await writePng(path, svgDocument(figure));
    const { width, height, data } = await decode(path);
    expect([width, height]).toEqual([80, 40]);
    const at = (x: number, y: number): number[] => [...data.slice(3 * (80 * y + x), 3 * (80 * y + x) + 3)];
    expect([at(19, 10), at(20, 10), at(39, 19), at(40, 19)]).toEqual([
      [255, 255, 255],
      [255, 0, 0],
      [255, 0, 0],
      [255, 255, 255],
    ]);
  });

  it("rejects SVG that is not well-formed", async () => {
    await expect(writePng(join(folder, "bad.png"), "<svg><g></svg>")).rejects.toThrow();
  });
});
