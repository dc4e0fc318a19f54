import { type Picture, picture } from "../base/picture.ts";

/** What is laid over each pixel of a picture, by its index. */
export interface Cover {
  /** RGB rows. */
  readonly colors: ArrayLike<number>;
  /** Where the pixel's colour begins in `colors`. */
  offset(pixel: number): number;
  /** 0…1: the picture alone, the colour alone. */
  share(pixel: number): number;
}

/** A new picture: `under + (colour − under) · share`, rounded. */
export function blend(under: Picture, { colors, offset, share }: Cover): Picture {
  const result = picture(under.width, under.height);
  for (let pixel = 0; pixel < result.width * result.height; pixel++) {
    const at = offset(pixel);
    const part = share(pixel);
    for (let c = 0; c < 3; c++) {
      const old = under.data[3 * pixel + c]!;
      result.data[3 * pixel + c] = Math.round(old + (colors[at + c]! - old) * part);
    }
  }
  return result;
}
