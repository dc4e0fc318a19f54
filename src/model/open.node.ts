import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError, UserError } from "../base/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { nodeEngine } from "../engine/node.ts";
import { openOnnx } from "../graph/onnx/open.node.ts";
import { type Adoption, adopt } from "./adopt.ts";
import { describedNetwork } from "./description.ts";
import type { Model } from "./model.ts";

/** The file in a run folder that holds its best network. */
export const MODEL_FILE = "model.onnx";

/** For a file from elsewhere what it does not say; a file of ours says it itself. */
export interface OpenOptions extends Adoption {
  readonly engine?: Engine;
}

/**
 * Opens a run folder, or an `.onnx` file.
 * @throws UserError when there is none at `path`, it is truncated, or no network that classifies pictures
 * @throws UsageError when it is ours and options speak for it
 */
export async function openModel(
  path: string,
  { engine = nodeEngine(), ...adoption }: OpenOptions = {},
): Promise<Model> {
  const file = await modelFile(path);
  const graph = openOnnx(file);
  const described = describedNetwork(graph, file);
  const [said] = Object.keys(adoption);
  if (described && said !== undefined) throw new UsageError(`${path} says its own ${said}; leave it out.`);
  const network = described ?? (await adopt(graph, file, engine, adoption));
  return { ...network, source: path, engine };
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
