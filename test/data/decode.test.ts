import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { decodePicture, readImage } from "../../src/data/decode.node.ts";
import { jpeg, noise, plain, red, temporaryFolder, writeTree } from "./files.ts";

/** The first pixel and the extents. */
async function decode(bytes: Uint8Array): Promise<{ pixel: number[]; width: number; height: number }> {
  const { data, width, height } = await decodePicture(bytes, "picture");
  expect(data.length).toBe(width * height * 3);
  return { pixel: [...data.subarray(0, 3)], width, height };
}

function expectNear(pixel: number[], { r, g, b }: typeof red, tolerance: number): void {
  for (const [channel, value] of [r, g, b].entries())
    expect(Math.abs(pixel[channel]! - value), `channel ${channel} of ${pixel}`).toBeLessThanOrEqual(
      tolerance,
    );
}

test.each([
  ["JPEG", () => plain().jpeg({ quality: 100 }), 2],
  ["progressive JPEG", () => plain().jpeg({ quality: 100, progressive: true }), 2],
  ["CMYK JPEG without a profile", () => plain().toColourspace("cmyk").jpeg({ quality: 100 }), 30],
  [
    "CMYK JPEG with a profile",
    () => plain().toColourspace("cmyk").withIccProfile("cmyk").jpeg({ quality: 100 }),
    5,
  ],
  ["JPEG in Display P3", () => plain().withIccProfile("p3").jpeg({ quality: 100 }), 3],
  ["PNG", () => plain().png(), 0],
  ["16-bit PNG", () => plain().toColourspace("rgb16").png(), 1],
  ["palette PNG", () => plain().png({ palette: true, colours: 4 }), 1],
  ["WebP", () => plain().webp({ lossless: true }), 0],
  ["GIF", () => plain().gif(), 1],
  ["TIFF", () => plain().tiff({ compression: "lzw" }), 0],
  ["AVIF", () => plain().avif({ quality: 100 }), 3],
] as const)("%s", async (_, encode, tolerance) => {
  const { pixel, width, height } = await decode(await encode().toBuffer());
  expect([width, height]).toEqual([8, 6]);
  expectNear(pixel, red, tolerance);
});

test("grey becomes RGB, in 8 and 16 bits", async () => {
  const grey = await sharp(new Uint8Array(48).fill(77), { raw: { width: 8, height: 6, channels: 1 } })
    .png()
    .toBuffer();
  expect((await decode(grey)).pixel).toEqual([77, 77, 77]);
  const grey16 = await sharp(grey).toColourspace("grey16").png().toBuffer();
  expect((await sharp(grey16).metadata()).depth).toBe("ushort");
  expect((await decode(grey16)).pixel).toEqual([77, 77, 77]);
});

test("transparency is laid on white", async () => {
  expect((await decode(await plain(red, 0).png().toBuffer())).pixel).toEqual([255, 255, 255]);
  expectNear((await decode(await plain(red, 0.5).png().toBuffer())).pixel, { r: 228, g: 148, b: 143 }, 1);
});

test("EXIF orientation is applied", async () => {
  const upright = await noise(1, 16, 12).png().toBuffer();
  const turned = await sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).png().toBuffer();
  expect((await sharp(turned).metadata()).width).toBe(12);
  expect(await decodePicture(turned, "turned")).toEqual(await decodePicture(upright, "upright"));
});

test("the first frame of an animation", async () => {
  const frames = Buffer.concat([Buffer.alloc(48 * 3, 10), Buffer.alloc(48 * 3, 250)]);
  const raw = { width: 8, height: 12, channels: 3, pageHeight: 6 } as const;
  for (const animation of [sharp(frames, { raw }).gif(), sharp(frames, { raw }).webp({ lossless: true })]) {
    const bytes = await animation.toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(await decode(bytes)).toEqual({ pixel: [10, 10, 10], width: 8, height: 6 });
  }
});

test("squashing averages, and gives the size asked for", async () => {
  const stripes = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => (Math.floor(i / 3) % 2 ? 200 : 100));
  const png = await sharp(stripes, { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toBuffer();
  const { width, height, data } = await decodePicture(png, "stripes", { width: 4, height: 2 });
  expect([width, height]).toEqual([4, 2]);
  // The triangle of two pixels' reach weighs neighbours 1, 3, 3, 1: the mean of the stripes, away from the edges.
  expect(data[3]).toBe(150);
});

test("a huge photo is squashed quickly and without aliasing", async () => {
  const width = 6000;
  const rows = Uint8Array.from({ length: width * 3 }, (_, i) => (Math.floor(i / 3) % 2 ? 0 : 255));
  const line = sharp(rows, { raw: { width, height: 1, channels: 3 } });
  const photo = await line
    .resize(width, 4000, { fit: "fill", kernel: "nearest" })
    .jpeg({ quality: 95 })
    .toBuffer();
  const begin = performance.now();
  const { data } = await decodePicture(photo, "photo", { width: 150, height: 150 });
  expect(performance.now() - begin).toBeLessThan(2000);
  expect(Math.max(...data) - Math.min(...data)).toBeLessThan(8);
});

test.each(["cat.jpg", "cat.txt", "cat"])("the name %s does not matter, the content does", async (name) => {
  const path = join(writeTree(temporaryFolder(), { [name]: await plain().png().toBuffer() }), name);
  expect((await readImage(path)).data.subarray(0, 3)).toEqual(Uint8Array.of(200, 40, 30));
});

/** A PNG header that claims 30,000×30,000 pixels. */
function hugePng(): Uint8Array {
  const chunk = (type: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(30000, 0);
  header.writeUInt32BE(30000, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", Buffer.alloc(20)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A JPEG whose frame header is rewritten to 30,000×30,000. */
async function hugeJpeg(): Promise<Uint8Array> {
  const bytes = Buffer.from(await jpeg(1));
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(30000, frame + 5);
  bytes.writeUInt16BE(30000, frame + 7);
  return bytes;
}

test("a header over the pixel limit takes no memory", async () => {
  const bmp = Buffer.alloc(54);
  bmp.write("BM");
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(30000, 18);
  bmp.writeInt32LE(-30000, 22);
  bmp.writeUInt16LE(24, 28);
  const before = process.memoryUsage().rss;
  for (const bytes of [hugePng(), await hugeJpeg(), bmp])
    for (const size of [undefined, { width: 150, height: 150 }])
      await expect(decodePicture(bytes, "huge.png", size)).rejects.toThrow(
        /^huge\.png has 30000×30000 pixels, over the limit of 100 megapixels; scale it down first$/,
      );
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
});

test("a file cut short is an error, not a half-grey picture", async () => {
  const photo = noise(1, 200, 160);
  const whole = [photo.jpeg(), photo.jpeg({ progressive: true }), photo.png(), photo.gif(), photo.webp()];
  for (const format of whole) {
    const bytes = await format.toBuffer();
    for (const part of [0.99, 0.5, 0.1])
      for (const size of [undefined, { width: 20, height: 20 }])
        await expect(decodePicture(bytes.subarray(0, bytes.length * part), "cut.jpg", size)).rejects.toThrow(
          /^cut\.jpg is cut short; copy it again or remove it$/,
        );
  }
});

test("each of many broken files read at once gets its own message", async () => {
  const whole = Buffer.from(await noise(1, 200, 160).png().toBuffer());
  const damaged = Buffer.from(whole).fill(0x5a, whole.length / 2, whole.length / 2 + 60);
  const kinds = [whole, damaged, whole.subarray(0, whole.length / 2)];
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      decodePicture(kinds[i % 3]!, `${i}`).catch(({ message }) => message),
    ),
  );
  for (const [i, outcome] of outcomes.entries())
    if (i % 3 === 0) expect(outcome.width).toBe(200);
    else expect(outcome).toBe(`${i} is ${i % 3 === 1 ? "damaged" : "cut short"}; copy it again or remove it`);
});

test("what is no picture is named, with the mend", async () => {
  const folder = writeTree(temporaryFolder(), {
    "note.jpg": "this is a text that calls itself a picture",
    "bm.bmp": "BM: a text that begins like a bitmap",
    "empty.png": "",
    "phone.heic": "\0\0\0\x18ftypheic\0\0\0\0heicmif1",
  });
  const at = (name: string): string => join(folder, name);
  symlinkSync(at("loop"), at("loop"));
  mkdirSync(at("album"));
  const kinds = "(JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP)";
  for (const [name, message] of [
    ["note.jpg", `is not a picture ${kinds}; replace or remove it`],
    ["bm.bmp", `is not a picture ${kinds}; replace or remove it`],
    ["empty.png", "is empty; replace or remove it"],
    ["phone.heic", "is a HEIC picture, which cannot be read; convert it to JPEG"],
    ["missing.jpg", "does not exist; check the path"],
    ["album", "is a folder; name a file in it"],
    ["loop", "cannot be read (ELOOP); check the disk and the path"],
  ] as const) {
    const error = await readImage(at(name)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "UserError", message: `${at(name)} ${message}` });
  }
});

test.skipIf(process.platform === "win32")("a file without permission", async () => {
  const path = join(temporaryFolder(), "secret.png");
  writeFileSync(path, await plain().png().toBuffer(), { mode: 0o000 });
  // Root may read everything, so it steps down for a moment.
  const root = process.geteuid!() === 0;
  if (root) process.seteuid!(65534);
  try {
    const error = await readImage(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: `${path} may not be read; change its permissions` });
  } finally {
    if (root) process.seteuid!(0);
  }
});
