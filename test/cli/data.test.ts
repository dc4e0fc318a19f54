import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { convscope, desk, program, start, tiny } from "./convscope.ts";
import { byClass, writePhotos } from "./photos.ts";

const trainOn = (folder: string, ...words: string[]) =>
  convscope("train", folder, ...tiny, "--epochs", "1", "--out", `of-${folder}`, ...words);

const pngHeader = (width: number, height: number): Uint8Array => {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([8, 2], 8);
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return Buffer.concat([
    Buffer.from(signature),
    chunk("IHDR", ihdr),
    chunk("IDAT", deflateSync(new Uint8Array(16))),
    chunk("IEND", new Uint8Array(0)),
  ]);
};

/** The checksum of PNG; Node has it from version 22 on. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe("train says what is wrong with", () => {
  test("a folder with one class", async () => {
    await writePhotos(join(desk, "single"), byClass(3, ["disc"]));
    expect(await trainOn("single")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: 'convscope: single has one class only, "disc"; add a second one\n',
    });
  });

  test("an empty class", async () => {
    await writePhotos(join(desk, "hollow"), byClass(3));
    mkdirSync(join(desk, "hollow/triangle"));
    expect(await trainOn("hollow")).toMatchObject({
      code: 1,
      stderr: 'convscope: the class "triangle" of hollow has no pictures; add some or remove its folder\n',
    });
  });

  test("a folder that is missing, a file in its place, and one without pictures", async () => {
    expect(await trainOn("missing")).toMatchObject({
      code: 1,
      stderr: "convscope: missing does not exist; check the path\n",
    });
    writeFileSync(join(desk, "file"), "text");
    expect(await trainOn("file")).toMatchObject({
      code: 1,
      stderr: "convscope: file is not a folder; name the folder that holds the pictures\n",
    });
    mkdirSync(join(desk, "empty"));
    expect(await trainOn("empty")).toMatchObject({
      code: 1,
      stderr:
        "convscope: empty holds no labelled pictures; it needs a folder per class, train and validation folders with a folder per class, or files named like cat.0.jpg\n",
    });
  });

  test("an empty validation folder", async () => {
    await writePhotos(join(desk, "unvalidated"), byClass(3, undefined, "train/"));
    mkdirSync(join(desk, "unvalidated/validation"));
    expect(await trainOn("unvalidated")).toMatchObject({
      code: 1,
      stderr:
        "convscope: unvalidated leaves no pictures to validate with; fill its validation folder, or remove it and give a --validation-fraction above 0.\n",
    });
  });

  test("a folder that may not be read or written", async ({ skip }) => {
    await writePhotos(join(desk, "locked"), byClass(3));
    mkdirSync(join(desk, "locked/secret"));
    chmodSync(join(desk, "locked/secret"), 0);
    let uid: number | undefined;
    if (process.getuid?.() === 0) {
      // Root may read everything: somebody else has to try.
      uid = 65534;
      const main = await program;
      for (const folder of [desk, dirname(dirname(dirname(main)))]) chmodSync(folder, 0o755);
      const trial = spawnSync(process.execPath, [main, "--version"], { uid, gid: uid, cwd: desk });
      if (trial.status !== 0) skip("no other user can run this checkout");
    } else if (process.platform === "win32") skip("Windows keeps permissions otherwise");
    const secret = await start(["train", "locked", "--out", "of-locked"], uid === undefined ? {} : { uid });
    expect(await secret.ended).toMatchObject({
      code: 1,
      stderr: "convscope: locked/secret may not be read; change its permissions\n",
    });

    await writePhotos(join(desk, "open"), byClass(3, ["disc", "triangle"]));
    mkdirSync(join(desk, "closed"));
    chmodSync(join(desk, "closed"), 0o555);
    const barred = await start(
      ["train", "open", ...tiny, "--out", "closed/run"],
      uid === undefined ? {} : { uid },
    );
    expect(await barred.ended).toMatchObject({
      code: 1,
      stderr:
        "convscope: closed/run/config.json was not written: the folder may not be written to; change its permissions or choose another. What stood there before is unharmed.\n",
    });
  });
});

describe("broken files are named, counted and left out", () => {
  test("no image, empty, truncated, damaged and 30,000×30,000", async () => {
    await writePhotos(join(desk, "mixed"), byClass(8));
    const photo = readFileSync(join(desk, "mixed/disc/7.jpg"));
    const files: Record<string, string | Uint8Array> = {
      "disc/cut.jpg": photo.subarray(0, photo.length * 0.7),
      "disc/huge.png": pngHeader(30_000, 30_000),
      "disc/page.jpg": "<html></html>",
      "square/nothing.png": "",
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(desk, "mixed", name), content);
    writeFileSync(join(desk, "mixed/disc/notes.txt"), "bought at the market");
    const { code, stderr } = await trainOn("mixed");
    expect(stderr.split("\n").slice(0, -3)).toEqual([
      "note: 3 broken files skipped",
      "note: mixed/disc/huge.png has 30000×30000 pixels, over the limit of 100 megapixels; scale it down first",
      "note: mixed/disc/page.jpg is not a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP); replace or remove it",
      "note: mixed/square/nothing.png is empty; replace or remove it",
      "note: 1 file passed over, no labelled pictures: disc/notes.txt",
      // What lies behind an intact header shows only when it is decoded.
      "note: 1 broken picture skipped",
      "note: mixed/disc/cut.jpg is cut short; copy it again or remove it",
      expect.stringMatching(/^mixed: disc, square; 1[23] pictures to train, [34] to validate$/),
    ]);
    expect(code).toBe(0);
    const { remarks, files: listed } = JSON.parse(readFileSync(join(desk, "of-mixed/data.json"), "utf8"));
    expect(remarks).toHaveLength(7);
    expect(listed).toHaveLength(16);
  });

  test("a class of broken files alone is an error that names one", async () => {
    await writePhotos(join(desk, "ruined"), byClass(3));
    for (let i = 0; i < 3; i++) writeFileSync(join(desk, `ruined/square/${i}.jpg`), "x");
    expect(await trainOn("ruined")).toMatchObject({
      code: 1,
      stderr:
        'convscope: the class "square" of ruined has no pictures; add some or remove its folder (3 broken files skipped; the first: ruined/square/0.jpg is not a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP); replace or remove it)\n',
    });
    expect(existsSync(join(desk, "of-ruined"))).toBe(false);
  });

  test("copies across splits are reported", async () => {
    await writePhotos(join(desk, "leaky"), [
      ...byClass(6, undefined, "train/"),
      ...byClass(2, undefined, "validation/"),
    ]);
    writeFileSync(
      join(desk, "leaky/train/disc/copy.jpg"),
      readFileSync(join(desk, "leaky/validation/disc/1.jpg")),
    );
    const { code, stderr } = await trainOn("leaky");
    expect(stderr).toContain(
      "note: 1 picture left out of train, with the same content as one held out: train/disc/copy.jpg = validation/disc/1.jpg\n",
    );
    expect(code).toBe(0);
  });
});
