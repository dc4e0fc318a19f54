import { UserError } from "../../base/errors.ts";
import { fileSource, filesBeside, realPath } from "../../base/file-source.node.ts";
import { readKeras } from "./read.ts";
import type { SavedKerasModel } from "./saved-model.ts";

/**
 * Opens a model that Keras or TensorFlow.js saved, without reading its weights; shards must lie in the folder of their `model.json`.
 * @throws UserError when there is no such file, or it is no such model; also when weights are read and the file is no longer
 * what it was
 */
export function openKeras(path: string): SavedKerasModel {
  const refuse = (why: string): UserError => new UserError(`${path} cannot be read: ${why}`);
  const file = realPath(path, refuse);
  return readKeras(fileSource(file, refuse), path, filesBeside(file));
}
