import sharp from "sharp";
import type { Picture } from "../base/picture.ts";

/** Photos weigh a tenth as JPEG; maps, which must stay exact, are PNG. */
export async function jpegDataUri({ width, height, data }: Picture): Promise<string> {
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85, chromaSubsampling: "4:4:4" })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
}
