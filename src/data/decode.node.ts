import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { UserError } from "../base/errors.ts";
import { type Framing, framed, scaledSize } from "../base/framing.ts";
import type { Size } from "../base/picture.ts";
import { type Picture, picture } from "../base/picture.ts";
import { decodeBmp, readBmpHeader } from "./bmp.ts";
import { fileError } from "./files.node.ts";
import { type PictureFormat, sniffFormat } from "./sniff.ts";

/** Pictures with more pixels than this are refused before any memory is taken for them. */
const pixelLimit = 100_000_000;

// One picture, one thread: our parallelism is across pictures, and libvips's own cache holds files that are read once.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Reads a picture file at its full size.
 * @throws UserError when it is missing, unreadable, no picture, damaged, cut short or over 100 megapixels
 */
export async function readImage(path: string): Promise<Picture> {
  return decodePicture(await readBytes(path), path);
}

/** The file's content. @throws UserError that names the file, for all that a file system can answer */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * Decodes JPEG, PNG, WebP, GIF, TIFF (their first frame or page), AVIF and BMP, told apart by content. EXIF
 * orientation is applied, embedded colour profiles and CMYK are converted to sRGB, 16 bits become 8, and transparency is laid on
 * white, as on a page.
 *
 * With `framing` the picture is brought to a network's size: squashed unless a crop is given, as Keras's `target_size` does; but
 * by an antialiased filter, where Keras picks nearest pixels. A photo of several times that size is first brought to twice
 * the size by libvips, which decodes big JPEGs at a fraction of theirs.
 * @param name for messages
 */
export async function decodePicture(bytes: Uint8Array, name: string, framing?: Framing): Promise<Picture> {
  const format = requireFormat(bytes, name);
  try {
    if (format !== "BMP") return await render(sharp(bytes, reading), framing, bytes.length);
    const header = readBmpHeader(bytes, name);
    checkPixels(header, name);
    const bitmap = decodeBmp(bytes, header, name);
    return framing ? framed(bitmap, framing) : bitmap;
  } catch (error) {
    if (error instanceof Error && /pixel limit/.test(error.message)) await checkPicture(bytes, name);
    throw decodeError(error, bytes, name);
  }
}

/**
 * Reads no more than the picture's header: enough to find files that are no pictures, or far too big.
 * @throws UserError as `decodePicture`, where the header shows the fault
 */
export async function checkPicture(bytes: Uint8Array, name: string): Promise<void> {
  if (requireFormat(bytes, name) === "BMP") return checkPixels(readBmpHeader(bytes, name), name);
  try {
    checkPixels(await sharp(bytes, { ...reading, limitInputPixels: false }).metadata(), name);
  } catch (error) {
    throw decodeError(error, bytes, name);
  }
}

/** "error" stops at a file that ends too soon, where libvips would go on with grey, but not at harmless oddities. */
const reading = { failOn: "error", limitInputPixels: pixelLimit, pages: 1 } as const;

/** Photos with fewer bytes are decoded whole: that is quicker than asking for their size first. */
const bigFile = 256 * 1024;

async function render(input: Sharp, framing: Framing | undefined, bytes: number): Promise<Picture> {
  if (framing && bytes >= bigFile) {
    const { autoOrient: upright } = await input.metadata();
    const size = scaledSize(upright, framing);
    if (Math.min(upright.width / size.width, upright.height / size.height) >= 4)
      input.resize(2 * size.width, 2 * size.height, { fit: "fill", kernel: "linear" });
  }
  input.autoOrient().flatten({ background: "#fff" }).toColourspace("srgb");
  const { data, info } = await input.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  // A plain view: a Buffer's `slice` shares memory where a Uint8Array's copies.
  const whole = picture(info.width, info.height, new Uint8Array(data.buffer, data.byteOffset, data.length));
  return framing ? framed(whole, framing) : whole;
}

function requireFormat(bytes: Uint8Array, name: string): string {
  if (bytes.length === 0) throw new UserError(`${name} is empty; replace or remove it`);
  const format = sniffFormat(bytes);
  if (!format)
    throw new UserError(
      `${name} is not a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP); replace or remove it`,
    );
  if (format === "HEIC")
    throw new UserError(`${name} is a HEIC picture, which cannot be read; convert it to JPEG`);
  return format;
}

function checkPixels({ width, height }: Size, name: string): void {
  if (width * height > pixelLimit)
    throw new UserError(
      `${name} has ${width}×${height} pixels, over the limit of ${pixelLimit / 1e6} megapixels; scale it down first`,
    );
}

/** Whether the mark that ends a picture of this format is missing. */
const lacksEnd: Partial<Record<PictureFormat, (bytes: Buffer) => boolean>> = {
  JPEG: (bytes) =>
    bytes.lastIndexOf("\xff\xd9", undefined, "latin1") <= bytes.lastIndexOf("\xff\xda", undefined, "latin1"),
  PNG: (bytes) => !bytes.includes("IEND"),
  GIF: (bytes) => bytes.at(-1) !== 0x3b,
  WebP: (bytes) => bytes.length < bytes.readUInt32LE(4) + 8,
};

/** Says what is wrong from the bytes: libvips keeps one text for all threads, which may speak of another file. */
function decodeError(error: unknown, bytes: Uint8Array, name: string): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const cut = lacksEnd[sniffFormat(bytes)!]?.(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return new UserError(`${name} is ${cut ? "cut short" : "damaged"}; copy it again or remove it`);
}
