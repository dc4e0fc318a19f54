import { type ByteSource, memorySource } from "../../base/byte-source.ts";
import { UserError } from "../../base/errors.ts";
import { isHdf5, openHdf5 } from "../hdf5/hdf5.ts";
import { isZip } from "../zip.ts";
import { readKerasArchive } from "./archive.ts";
import { readKerasH5 } from "./h5.ts";
import type { SavedKerasModel } from "./saved-model.ts";
import { type FilesBeside, readTfjs } from "./tfjs.ts";

const sourceOf = (file: Uint8Array | ByteSource): ByteSource =>
  file instanceof Uint8Array ? memorySource(file) : file;

/** Whether a file is in one of the formats of Keras and TensorFlow.js, by how it begins: HDF5, a zip archive, or JSON. */
export function isKeras(file: Uint8Array | ByteSource): boolean {
  const bytes = sourceOf(file);
  return isHdf5(bytes) || isZip(bytes) || isJson(bytes);
}

function isJson({ size, read }: ByteSource): boolean {
  return /^\s*\{/.test(new TextDecoder().decode(read(0, Math.min(size, 64))));
}

/**
 * Reads a model that Keras or TensorFlow.js saved: `.h5`, `.keras` or `model.json`, told apart by content. Weights stay where they are
 * until they are asked for.
 * @param source what to call the file in errors
 * @param beside finds the shards of a `model.json`
 * @throws UserError when it is none of these, or not whole
 */
export function readKeras(
  file: Uint8Array | ByteSource,
  source: string,
  beside: FilesBeside = absent,
): SavedKerasModel {
  const bytes = sourceOf(file);
  // First, since HDF5 may begin anywhere, and what is stored in an archive may lie just there.
  if (isZip(bytes)) return readKerasArchive(bytes, source);
  if (isHdf5(bytes)) return readKerasH5(openHdf5(bytes, source), source);
  if (!isJson(bytes))
    throw new UserError(
      `${source} is no model of Keras or TensorFlow.js; give an .h5, a .keras or a model.json.`,
    );
  return readTfjs(new TextDecoder().decode(bytes.read(0, bytes.size)), source, beside);
}

const absent: FilesBeside = () => {
  throw new UserError("which is not at hand here; give the files beside the model too.");
};
