import { extname } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Picture } from "../base/picture.ts";
import type { Tensor } from "../base/tensor.ts";
import { decodePicture, readBytes } from "../data/decode.node.ts";
import { readNpy } from "../formats/npy.ts";
import type { InputSpec } from "../model/model.ts";
import { toBatch } from "../model/predict.ts";

/** An image named on the command line, ready for the network. */
export interface LoadedImage {
  /** The file, and the row of its tensor where it holds several. */
  readonly name: string;
  /** `[1, 3, H, W]`. */
  readonly input: Tensor<"float32">;
  /** The photo at its own size, to lay a heatmap over; a tensor has none. */
  photo(): Promise<Picture>;
}

/**
 * Reads an image: a photo is decoded and preprocessed, an `.npy` tensor `[C, H, W]` or `[N, C, H, W]` is taken as it is.
 * @throws UserError when the file is neither, or its shape is not the network's
 */
export async function loadImages(path: string, input: InputSpec): Promise<LoadedImage[]> {
  const bytes = await readBytes(path);
  if (extname(path).toLowerCase() !== ".npy")
    return [
      {
        name: path,
        input: toBatch(input, await decodePicture(bytes, path, input)),
        photo: () => decodePicture(bytes, path),
      },
    ];
  const tensor = readNpy(bytes, path);
  if (tensor.dtype !== "float32")
    throw new UserError(`${path} holds ${tensor.dtype}; save the preprocessed image as float32.`);
  const batch = toBatch(input, tensor as Tensor<"float32">);
  const size = 3 * input.height * input.width;
  return Array.from({ length: batch.shape[0]! }, (_, row) => {
    const one: Tensor<"float32"> = {
      dtype: "float32",
      shape: [1, 3, input.height, input.width],
      data: batch.data.slice(row * size, (row + 1) * size),
    };
    return {
      name: batch.shape[0] === 1 ? path : `${path}[${row}]`,
      input: one,
      photo: async () => pictureOf(one, input),
    };
  });
}

/** A tensor as something to look at: stretched from its lowest to its highest value. */
function pictureOf({ data }: Tensor<"float32">, { width, height }: InputSpec): Picture {
  const low = data.reduce((a, b) => Math.min(a, b));
  const high = data.reduce((a, b) => Math.max(a, b));
  // Values already in [0, 1] are shown as they are.
  const [from, to] = low >= 0 && high <= 1 ? [0, 1] : [low, high];
  const plane = width * height;
  const pixels = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++)
    for (let channel = 0; channel < 3; channel++)
      pixels[3 * i + channel] = Math.round((255 * (data[channel * plane + i]! - from)) / (to - from || 1));
  return { width, height, data: pixels };
}
