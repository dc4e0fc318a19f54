import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError, UserError } from "../base/errors.ts";
import { fileSource } from "../base/file-source.node.ts";
import type { Engine } from "../engine/engine.ts";
import { nodeEngine } from "../engine/node.ts";
import { openKeras } from "../formats/keras/open.node.ts";
import { isKeras } from "../formats/keras/read.ts";
import { openOnnx } from "../graph/onnx/open.node.ts";
import { type Adoption, adopt } from "./adopt.ts";
import { adoptKeras } from "./adopt-keras.ts";
import { describedNetwork } from "./description.ts";
import type { Model, Network } from "./model.ts";
import { publishedNetwork } from "./weights/published.node.ts";

/** The file in a run folder that holds its best network. */
export const MODEL_FILE = "model.onnx";

/** The file of a TensorFlow.js model that names the others. */
const TFJS_FILE = "model.json";

/** For a file from elsewhere what it does not say; a file of ours says it itself. */
export interface OpenOptions extends Adoption {
  readonly engine?: Engine;
}

/**
 * Opens a run folder; an `.onnx` file; a model of Keras, `.keras` or `.h5`; or one of TensorFlow.js, `model.json` or its folder. What a
 * file is its content says, not its name. Where there is no such file, the name of an architecture stands for it with its published
 * weights.
 * @throws UserError when there is none at `path`, it is truncated, or no network that classifies pictures
 * @throws UsageError when it is ours and options speak for it
 */
export async function openModel(
  path: string,
  { engine = nodeEngine(), ...adoption }: OpenOptions = {},
): Promise<Model> {
  const network = await openNetwork(path, engine, adoption);
  return { ...network, source: path, engine };
}

async function openNetwork(path: string, engine: Engine, adoption: Adoption): Promise<Network> {
  const file = await modelFile(path);
  if (file === undefined) return published(path, adoption);
  const refuse = (why: string): UserError => new UserError(`${file} cannot be read: ${why}`);
  if (isKeras(fileSource(file, refuse))) return adoptKeras(openKeras(file), file, adoption);
  const graph = openOnnx(file);
  const described = await describedNetwork(graph, file, engine);
  if (!described) return adopt(graph, file, engine, adoption);
  refuseSaid(path, adoption);
  return described;
}

function published(name: string, { size, ...adoption }: Adoption): Network {
  const network = publishedNetwork(name, size);
  if (!network)
    throw new UserError(`There is no model at ${name}; give a run folder or the file of a model.`);
  refuseSaid(name, adoption);
  return network;
}

/** @throws UsageError when something was said for a model that says it itself */
function refuseSaid(path: string, adoption: Adoption): void {
  const [said] = Object.keys(adoption);
  if (said !== undefined) throw new UsageError(`${path} says its own ${said}; leave it out.`);
}

/** The file to read; undefined if there is nothing at `path`. */
async function modelFile(path: string): Promise<string | undefined> {
  const kind = await stat(path).catch(() => undefined);
  if (!kind) return undefined;
  if (!kind.isDirectory()) return path;
  for (const name of [MODEL_FILE, TFJS_FILE])
    if (await stat(join(path, name)).catch(() => undefined)) return join(path, name);
  throw new UserError(
    `${path} holds neither ${MODEL_FILE} nor ${TFJS_FILE}; give the file of a model, or a run folder whose first epoch has ended.`,
  );
}
