import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";
import { shapePhoto } from "./photos.ts";

beforeAll(async () => {
  const network = smallConvnet({ classes: ["disc", "square"], size: 32, filters: [8, 8], units: 16 });
  writeFileSync(join(desk, "net.onnx"), writeOnnx(network.graph));
  for (const shape of ["disc", "square"])
    await shapePhoto(shape, 0)
      .png()
      .toFile(join(desk, `${shape}.png`));
});

const explained = async (...words: string[]): Promise<string[]> => {
  const { stdout } = await convscope("explain", "net.onnx", "disc.png", "--json", ...words);
  return jsonLines<{ files: string[] }>(stdout)[0]!.files;
};

const described = (svg: string): string =>
  readFileSync(join(desk, svg), "utf8").match(/<desc>(.*?)<\/desc>/)![1]!;

describe("pictures of explanations", () => {
  test("are a figure, and an overlay, or red and blue where the sign counts, at the photo's size", async () => {
    expect(await explained()).toEqual([
      "disc.grad-cam.png",
      "disc.grad-cam.svg",
      "disc.grad-cam.overlay.png",
    ]);
    const files = await explained("--method", "input-x-gradient");
    expect(files.at(-1)).toBe("disc.input-x-gradient.signed.png");
    const { width, height } = await sharp(join(desk, files.at(-1)!)).metadata();
    expect([width, height]).toEqual([48, 40]);
    expect(described(files[1]!)).toMatch(/^Input × gradient · 32×32 map, upsampled to 48×40 · disc\.png/);
  });

  test("are those asked for, in the colours asked for", async () => {
    const grey = ["--colormap", "gray", "--clip", "0", "--method", "input-x-gradient", "--out", "grey"];
    const files = await explained(
      "--show",
      "heatmap,contour,heatmap",
      "--interpolation",
      "bilinear",
      ...grey,
    );
    expect(files.slice(2)).toEqual([
      "grey/disc.input-x-gradient.heatmap.png",
      "grey/disc.input-x-gradient.contour.png",
    ]);
    const { channels } = await sharp(join(desk, files[2]!)).stats();
    const [red, green, blue] = channels;
    expect([green!.mean, blue!.mean]).toEqual([red!.mean, red!.mean]);
    expect(described(files[1]!)).toMatch(/disc\.png · what speaks against it is not shown$/);
  });

  test.each([
    [
      ["--show", "halo"],
      /'--show <names>' argument 'halo' is invalid\. It takes heatmap, overlay, signed, masked/,
    ],
    [
      ["--show", "signed", "--colormap", "plasma"],
      /--show signed needs colours for both signs: --colormap RdBu or/,
    ],
    [["--clip", "100"], /It takes a number from 0 to below 100\./],
    [["--opacity", "2"], /It takes a number above 0, to 1\./],
    [["--colormap", "rainbow"], /Allowed choices are plasma, .*jet/],
  ])("%j is refused", async (words, message) => {
    const { code, stderr } = await convscope("explain", "net.onnx", "disc.png", "--out", "never", ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

test("walls of several photos are also a sheet, with the controls among them", async () => {
  const photos = ["disc.png", "square.png"];
  const words = ["--method", "grad-cam,input-x-gradient", "--target", "square", "--out", "walls"];
  const { code, stderr } = await convscope("compare", "net.onnx", ...photos, ...words);
  expect(code).toBe(0);
  expect(stderr).toContain("\nall of them side by side: walls/compare.sheet.png\n");
  expect(readdirSync(join(desk, "walls")).sort()).toEqual([
    "compare.sheet.png",
    ...["disc.compare.html", "disc.compare.png", "square.compare.html", "square.compare.png"],
  ]);
  const page = readFileSync(join(desk, "walls/disc.compare.html"), "utf8");
  const tiles = [...page.matchAll(/<figure class="tile( control)?" id="([\w-]+)"/g)];
  expect(tiles.map(([, control, name]) => `${name}${control ?? ""}`).sort()).toEqual([
    ...["edges control", "grad-cam", "input-x-gradient", "random control", "shuffled-weights control"],
  ]);
});
