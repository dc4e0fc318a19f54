import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { listNames, UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { decodePicture, readBytes } from "../data/decode.node.ts";
import { fileError } from "../data/files.node.ts";
import type { InputSpec } from "../model/model.ts";
import { maskOf } from "../quality/mask.ts";

/**
 * Finds each image's mask in a folder: a picture that goes by the image's name, whatever its ending, white where the evidence lies.
 * @throws UserError when the folder cannot be read, or an image has no mask in it
 */
export async function openMasks(
  folder: string,
  input: InputSpec,
): Promise<(image: string) => Promise<Uint8Array>> {
  const found = await readdir(folder).catch((error: unknown) => {
    throw fileError(error, folder);
  });
  const files = new Map(found.map((file) => [stemOf(file), file]));
  return async (image) => {
    const file = files.get(stemOf(image));
    if (file === undefined) {
      const nearest = nearestFirst(stemOf(image), [...files.keys()]).slice(0, 3);
      throw new UserError(
        `${folder} has no mask for ${image}; it has ${listNames(nearest.map((stem) => files.get(stem)!)) || "no files"}.`,
      );
    }
    const path = join(folder, file);
    return maskOf(input, await decodePicture(await readBytes(path), path, input));
  };
}

const stemOf = (path: string): string => basename(path, extname(path));
