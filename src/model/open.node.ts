import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { nodeEngine } from "../engine/node.ts";
import { readOnnx } from "../graph/onnx/read.ts";
import { describedNetwork } from "./description.ts";
import type { Model } from "./model.ts";

/** The file in a run folder that holds its best network. */
export const MODEL_FILE = "model.onnx";

/**
 * Opens a run folder, or an `.onnx` file written by convscope.
 * @throws UserError when there is none at `path`, or it is truncated or foreign
 */
export async function openModel(path: string, engine: Engine = nodeEngine()): Promise<Model> {
  const file = await modelFile(path);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${file} cannot be read (${error.code}); check its permissions.`);
  });
  return { ...describedNetwork(readOnnx(bytes, file), file), source: path, engine };
}

async function modelFile(path: string): Promise<string> {
  const kind = await stat(path).catch(() => undefined);
  if (!kind) throw new UserError(`There is no model at ${path}; give a run folder or an .onnx file.`);
  if (!kind.isDirectory()) return path;
  const file = join(path, MODEL_FILE);
  if (!(await stat(file).catch(() => undefined)))
    throw new UserError(`${path} holds no ${MODEL_FILE}; give a run folder whose first epoch has ended.`);
  return file;
}
