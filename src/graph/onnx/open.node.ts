import { UserError } from "../../base/errors.ts";
import { fileSource, filesBeside, realPath } from "../../base/file-source.node.ts";
import type { Graph } from "../graph.ts";
import { readOnnx } from "./read.ts";

/**
 * Opens an `.onnx` file without reading its weights: the bytes of each are read from the file when they are asked for, and
 * not kept. Data of tensors may lie in other files, as with models of more than 2 GB, if those are in the model's folder.
 * @throws UserError when there is no such file, it is not a whole ONNX model, or uses what we cannot read, by name; also
 * when bytes are asked for and the file is no longer what it was
 */
export function openOnnx(path: string): Graph {
  const refuse = (why: string): UserError => new UserError(`${path} cannot be read: ${why}`);
  const model = realPath(path, refuse);
  return readOnnx(fileSource(model, refuse), path, { external: filesBeside(model) });
}
