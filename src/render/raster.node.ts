import sharp from "sharp";

/** What librsvg takes for one CSS px at a scale of 1. */
const pixelsPerInch = 72;

/**
 * An SVG figure as a PNG file.
 * @param scale PNG pixels per CSS px; 2, the default, is sharp on dense screens and in print.
 */
export async function rasterize(svg: string, scale = 2): Promise<Uint8Array> {
  // `unlimited`, because libxml refuses the long attributes that embedded pictures are; the SVG is our own.
  return sharp(new TextEncoder().encode(svg), { density: pixelsPerInch * scale, unlimited: true })
    .removeAlpha()
    .png({ compressionLevel: 6 })
    .toBuffer();
}
