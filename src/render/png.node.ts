import type { Picture } from "../base/picture.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import { encodePng } from "./png.ts";
import { rasterize } from "./raster.node.ts";

/**
 * Writes a picture, or a figure (SVG text) drawn at two PNG pixels per CSS px, as a PNG file; whole or not at all.
 * @throws UserError when the file system refuses
 */
export async function writePng(path: string, image: Picture | string): Promise<void> {
  await writeFileAtomic(path, typeof image === "string" ? await rasterize(image) : encodePng(image));
}
