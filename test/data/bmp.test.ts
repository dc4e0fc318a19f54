import { expect, test } from "vitest";
import { decodePicture } from "../../src/data/decode.node.ts";

interface Parts {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  /** Between header and rows: palette or masks. */
  readonly table?: readonly number[];
  /** Rows as they stand in the file, padded to four bytes. */
  readonly rows: readonly number[];
}

function bmp({ width, height, bits, compression = 0, table = [], rows }: Parts): Uint8Array {
  const head = Buffer.alloc(54);
  head.write("BM");
  head.writeUInt32LE(54 + table.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  return Uint8Array.from([...head, ...table, ...rows]);
}

const pixels = async (parts: Parts): Promise<number[]> => [
  ...(await decodePicture(bmp(parts), "a.bmp")).data,
];

// Red and green above blue and white, 2×2.
const redGreenBlueWhite = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];

test("24 bits, bottom row first", async () => {
  const rows = [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0];
  expect(await pixels({ width: 2, height: 2, bits: 24, rows })).toEqual(redGreenBlueWhite);
});

test("32 bits, top row first, and with masks of another order", async () => {
  const rows = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];
  expect(await pixels({ width: 2, height: -2, bits: 32, rows })).toEqual(redGreenBlueWhite);
  const table = [0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0];
  const masked = [0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255];
  expect(await pixels({ width: 2, height: -2, bits: 32, compression: 3, table, rows: masked })).toEqual(
    redGreenBlueWhite,
  );
});

test("16 bits: five for each channel, or masks of 5, 6 and 5", async () => {
  const half = [0x00, 0x7c, 0xe0, 0x03, 0x1f, 0x00, 0xff, 0x7f];
  expect(await pixels({ width: 2, height: -2, bits: 16, rows: half })).toEqual(redGreenBlueWhite);
  const table = [0x00, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0x00, 0, 0];
  const masked = [0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0xff, 0xff];
  expect(await pixels({ width: 2, height: -2, bits: 16, compression: 3, table, rows: masked })).toEqual(
    redGreenBlueWhite,
  );
});

test.each([
  [1, [0b10100000, 0, 0, 0]],
  [4, [0x10, 0x10, 0, 0]],
  [8, [1, 0, 1, 0]],
])("palettes of %i bits, odd widths", async (bits, row) => {
  const table = Array.from({ length: 1 << bits }, (_, i) =>
    i === 1 ? [30, 40, 200, 0] : [9, 8, 7, 0],
  ).flat();
  const rows = [...row, ...row];
  const [on, off] = [
    [200, 40, 30],
    [7, 8, 9],
  ];
  const line = [...on, ...off, ...on];
  expect(await pixels({ width: 3, height: 2, bits, table, rows })).toEqual([...line, ...line]);
});

test("squashed to a size", async () => {
  const rows = [255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0];
  const bytes = bmp({ width: 2, height: 2, bits: 24, rows });
  const squashed = await decodePicture(bytes, "a.bmp", { width: 1, height: 3 });
  expect([...squashed.data]).toEqual([0, 0, 255, 0, 0, 255, 0, 0, 255]);
});

test("what is missing or unknown is said", async () => {
  const whole = { width: 2, height: 2, bits: 24, rows: new Array(16).fill(0) };
  await expect(pixels({ ...whole, rows: [1, 2, 3] })).rejects.toThrow(
    /^a\.bmp is cut short; copy it again or remove it$/,
  );
  await expect(decodePicture(bmp(whole).subarray(0, 26), "a.bmp")).rejects.toThrow(/^a\.bmp is cut short;/);
  await expect(pixels({ ...whole, bits: 8, compression: 1 })).rejects.toThrow(
    /^a\.bmp is a BMP of a kind that cannot be read; save it as PNG$/,
  );
  await expect(pixels({ ...whole, width: 0 })).rejects.toThrow(
    /^a\.bmp has no pixels; replace or remove it$/,
  );
});
