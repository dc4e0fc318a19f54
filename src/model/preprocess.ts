import type { Picture } from "../base/picture.ts";
import { resizePicture } from "../base/resize-picture.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { InputSpec } from "./model.ts";

/** A picture to look at, or a float32 tensor `[3, H, W]` or `[N, 3, H, W]` that is already as the network takes it. */
export type Image = Picture | Tensor<"float32">;

/** Pictures as the network takes them: squashed to its size, RGB in [0, 1], `[N, 3, H, W]`. */
export function preprocess({ width, height }: InputSpec, pictures: readonly Picture[]): Tensor<"float32"> {
  const plane = width * height;
  const data = new Float32Array(pictures.length * 3 * plane);
  pictures.forEach((picture, at) => {
    const { data: pixels } = resizePicture(picture, width, height);
    for (let channel = 0; channel < 3; channel++) {
      const out = (at * 3 + channel) * plane;
      for (let i = 0; i < plane; i++) data[out + i] = pixels[3 * i + channel]! / 255;
    }
  });
  return float32([pictures.length, 3, height, width], data);
}
