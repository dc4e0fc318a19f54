import { writeFile } from "node:fs/promises";
import type { Picture } from "../base/picture.ts";
import { encodePng } from "./png.ts";
import { rasterize } from "./raster.node.ts";

/** Writes a picture, or a figure (SVG text) drawn at two PNG pixels per CSS px, as a PNG file. */
export async function writePng(path: string, image: Picture | string): Promise<void> {
  await writeFile(path, typeof image === "string" ? await rasterize(image) : encodePng(image));
}
