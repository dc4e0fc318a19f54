import { basename, dirname, extname, join } from "node:path";
import { UsageError, UserError } from "../base/errors.ts";
import { keptPart } from "../base/framing.ts";
import type { Picture } from "../base/picture.ts";
import type { Tensor } from "../base/tensor.ts";
import { decodePicture, readBytes } from "../data/decode.node.ts";
import { readNpy } from "../formats/npy.ts";
import type { InputSpec } from "../model/model.ts";
import { toBatch } from "../model/predict.ts";
import { preparation } from "../model/preprocessing.ts";
import { note } from "./output.ts";

/** An image named on the command line, ready for the network. */
export interface LoadedImage {
  /** The file, and the row of its tensor where it holds several. */
  readonly name: string;
  /** Where results for it go, without an ending: beside it, or into a folder. */
  stem(folder?: string): string;
  /** `[1, C, H, W]`. */
  readonly input: Tensor<"float32">;
  /** What the network sees of the photo, at the photo's own scale, to lay a heatmap over; a tensor's is as large as it is. */
  photo(): Promise<Picture>;
}

/**
 * Does something with each image, having said how photos are prepared. One that cannot be read is named and does not keep the others
 * from their turn.
 * @throws UserError at the end, when some could not be read
 */
export async function eachImage(
  paths: readonly string[],
  input: InputSpec,
  action: (image: LoadedImage) => Promise<void>,
): Promise<void> {
  if (input.preprocessing && !paths.every(isTensor)) note(`photos are prepared so: ${preparation(input)}`);
  let broken = 0;
  for (const path of paths) {
    const images = await loadImages(path, input).catch((error: unknown) => {
      if (paths.length === 1 || !(error instanceof UserError)) throw error;
      note(`convscope: ${error.message}`);
      broken++;
      return [];
    });
    for (const image of images) await action(image);
  }
  if (broken > 0) throw new UserError(`${broken} of ${paths.length} images could not be read.`);
}

const isTensor = (path: string): boolean => extname(path).toLowerCase() === ".npy";

/** @throws UsageError when results for two of the images would go to the same files */
export function checkStems(paths: readonly string[], folder?: string): void {
  const taken = new Map<string, string>();
  for (const path of new Set(paths)) {
    const stem = stemOf(path, folder);
    const other = taken.get(stem);
    if (other !== undefined)
      throw new UsageError(
        `${other} and ${path} would both be written to ${stem}.*; name them in two calls with different --out.`,
      );
    taken.set(stem, path);
  }
}

function stemOf(path: string, folder = dirname(path)): string {
  return join(folder, basename(path, extname(path)));
}

/**
 * Reads an image: a photo is decoded and preprocessed, an `.npy` tensor `[C, H, W]` or `[N, C, H, W]` is taken as it is.
 * @throws UserError when the file is neither, or its shape is not the network's
 */
async function loadImages(path: string, input: InputSpec): Promise<LoadedImage[]> {
  const bytes = await readBytes(path);
  if (!isTensor(path))
    return [
      {
        name: path,
        stem: (folder) => stemOf(path, folder),
        input: toBatch(input, await decodePicture(bytes, path, input)),
        photo: async () => keptPart(await decodePicture(bytes, path), input),
      },
    ];
  const tensor = readNpy(bytes, path);
  if (tensor.dtype !== "float32")
    throw new UserError(`${path} holds ${tensor.dtype}; save the preprocessed image as float32.`);
  const batch = fitting(path, input, tensor as Tensor<"float32">);
  const size = input.channels * input.height * input.width;
  const rows = batch.shape[0]!;
  return Array.from({ length: rows }, (_, row) => {
    const one: Tensor<"float32"> = {
      dtype: "float32",
      shape: [1, input.channels, input.height, input.width],
      data: batch.data.slice(row * size, (row + 1) * size),
    };
    return {
      name: rows === 1 ? path : `${path}[${row}]`,
      stem: (folder) => (rows === 1 ? stemOf(path, folder) : `${stemOf(path, folder)}.${row}`),
      input: one,
      photo: async () => pictureOf(one, input),
    };
  });
}

function fitting(path: string, input: InputSpec, tensor: Tensor<"float32">): Tensor<"float32"> {
  try {
    return toBatch(input, tensor);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${path}: ${error.message[0]!.toLowerCase()}${error.message.slice(1)}`);
  }
}

/** A tensor as something to look at: its preprocessing undone, or else stretched from its lowest to its highest value. */
function pictureOf({ data }: Tensor<"float32">, input: InputSpec): Picture {
  const { width, height, channels, preprocessing } = input;
  const low = data.reduce((a, b) => Math.min(a, b));
  const high = data.reduce((a, b) => Math.max(a, b));
  const { order, mean, std } = preprocessing ?? {
    order: channels === 1 ? "grey" : "RGB",
    mean: new Array<number>(channels).fill((-255 * low) / (high - low || 1)),
    std: new Array<number>(channels).fill(255 / (high - low || 1)),
  };
  const plane = width * height;
  const pixels = new Uint8ClampedArray(3 * plane);
  for (let color = 0; color < 3; color++) {
    const channel = order === "grey" ? 0 : order === "BGR" ? 2 - color : color;
    for (let i = 0; i < plane; i++)
      pixels[3 * i + color] = data[channel * plane + i]! * std[channel]! + mean[channel]!;
  }
  return { width, height, data: new Uint8Array(pixels.buffer) };
}
