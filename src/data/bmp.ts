import { UserError } from "../base/errors.ts";
import type { Size } from "../base/picture.ts";
import { type Picture, picture } from "../base/picture.ts";

/** What a Windows bitmap says of itself. */
export interface BmpHeader extends Size {
  readonly topDown: boolean;
  readonly bits: number;
  /** Where rows begin in the file. */
  readonly offset: number;
  /** RGB of each palette entry; empty above 8 bits. */
  readonly palette: readonly (readonly number[])[];
  /** Bits of red, green and blue in a pixel of 16 or 32 bits. */
  readonly masks: readonly number[];
}

/**
 * The header of a bitmap: palettes of 1, 4 and 8 bits, 24 bits, 16 and 32 bits with or without channel masks, either
 * row order. Ours because libvips has no reader for them and the small libraries on npm miss palettes or row orders.
 * @throws UserError when the header is cut short, or is of a kind that we do not read: run-length coded, or JPEG inside
 */
export function readBmpHeader(bytes: Uint8Array, name: string): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return parseHeader(view, name);
  } catch (error) {
    if (error instanceof RangeError) throw cutShort(name);
    throw error;
  }
}

function parseHeader(view: DataView, name: string): BmpHeader {
  const headerSize = view.getUint32(14, true);
  const core = headerSize === 12;
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? 0 : view.getUint32(30, true);
  if (![0, 3].includes(compression) || ![1, 4, 8, 16, 24, 32].includes(bits))
    throw new UserError(`${name} is a BMP of a kind that cannot be read; save it as PNG`);
  if (width <= 0 || signedHeight === 0) throw new UserError(`${name} has no pixels; replace or remove it`);

  const masks = [0, 4, 8].map((at) =>
    compression === 3
      ? view.getUint32(54 + at, true)
      : bits === 16
        ? 0x7c00 >> ((at / 4) * 5)
        : 0xff0000 >> (at * 2),
  );
  const used = core ? 0 : view.getUint32(46, true);
  const colours = bits > 8 ? 0 : Math.min(used || 1 << bits, 1 << bits);
  const entry = core ? 3 : 4;
  const palette = Array.from({ length: colours }, (_, index) =>
    [2, 1, 0].map((channel) => view.getUint8(14 + headerSize + index * entry + channel)),
  );
  const height = Math.abs(signedHeight);
  return { width, height, topDown: signedHeight < 0, bits, offset: view.getUint32(10, true), palette, masks };
}

/**
 * The pixels; alpha is ignored, since most writers leave zeros there.
 * @throws UserError when rows are missing
 */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader, name: string): Picture {
  const { width, height, topDown, bits, offset } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  // Some writers leave out the padding of the last row.
  if (offset + stride * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) throw cutShort(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const copy = pixelCopier(view, header);
  const out = picture(width, height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = offset + stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++, to += 3) copy(row, x, out.data, to);
  }
  return out;
}

/** Copies pixel `x` of the row that begins at byte `row` to `out[to…to + 2]`. */
type PixelCopier = (row: number, x: number, out: Uint8Array, to: number) => void;

function pixelCopier(view: DataView, { bits, palette, masks }: BmpHeader): PixelCopier {
  if (bits <= 8) {
    const perByte = 8 / bits;
    return (row, x, out, to) => {
      const shift = 8 - bits * ((x % perByte) + 1);
      const index = (view.getUint8(row + Math.floor(x / perByte)) >> shift) & ((1 << bits) - 1);
      out.set(palette[index] ?? [0, 0, 0], to);
    };
  }
  if (bits === 24)
    return (row, x, out, to) => {
      for (let channel = 0; channel < 3; channel++)
        out[to + channel] = view.getUint8(row + x * 3 + 2 - channel);
    };
  const channels = masks.map((mask) => {
    const shift = mask ? 31 - Math.clz32(mask & -mask) : 0;
    return { mask, shift, most: mask >>> shift || 1 };
  });
  return (row, x, out, to) => {
    const value = bits === 16 ? view.getUint16(row + x * 2, true) : view.getUint32(row + x * 4, true);
    for (const [channel, { mask, shift, most }] of channels.entries())
      out[to + channel] = Math.round((((value & mask) >>> shift) * 255) / most);
  };
}

const cutShort = (name: string): UserError =>
  new UserError(`${name} is cut short; copy it again or remove it`);
