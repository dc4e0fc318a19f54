import { type ByteSource, joinedSource } from "../../base/byte-source.ts";
import { UserError } from "../../base/errors.ts";
import { kerasObject, parseJson } from "./config.ts";
import { namedWeights } from "./named-weights.ts";
import { DESCRIPTION, type SavedKerasModel, type SavedWeight } from "./saved-model.ts";
import { isFields } from "./settings.ts";
import { readTfjsWeight } from "./tfjs-weights.ts";

/**
 * The file of a name that a model gives, which lies beside it.
 * @throws UserError when there is none, or it may not be read: what is to be said of it, beginning with "which"
 */
export type FilesBeside = (name: string) => ByteSource;

/**
 * A layers model of TensorFlow.js, from the text of its `model.json`. Its shards must be there, but are not read.
 * @throws UserError when it is a graph model, or its weights are not all in its shards
 */
export function readTfjs(text: string, source: string, beside: FilesBeside): SavedKerasModel {
  const json = parseJson(text, source, "content");
  const { modelTopology, format, weightsManifest: groups, userDefinedMetadata } = isFields(json) ? json : {};
  const topology = isFields(modelTopology) ? modelTopology : {};
  if (format === "graph-model" || "node" in topology || "library" in topology)
    throw new UserError(
      `${source} is a graph model of TensorFlow.js, in which there are no layers left; convert the Keras model that it comes from with tensorflowjs_converter --output_format=tfjs_layers_model, or give that model itself.`,
    );
  const model = kerasObject(topology.model_config ?? topology, source);
  if (!Array.isArray(groups))
    throw new UserError(`${source} has no weightsManifest; save the model with its weights.`);
  const weights = namedWeights(groups.flatMap((group) => groupWeights(group, source, beside)));
  const version = topology.keras_version;
  const { [DESCRIPTION]: description } = isFields(userDefinedMetadata) ? userDefinedMetadata : {};
  return {
    model,
    ...(typeof version === "string" ? { version } : {}),
    ...(description === undefined ? {} : { description }),
    ...teachableMachine(source, beside),
    weights,
  };
}

/** Weights one after the other in shards that are cut anywhere. */
function groupWeights(group: unknown, source: string, beside: FilesBeside): SavedWeight[] {
  const { paths, weights } = isFields(group) ? group : {};
  if (!Array.isArray(paths) || !Array.isArray(weights))
    throw new UserError(`${source} has a weightsManifest that is not one; save the model again.`);
  if (new Set(paths).size < paths.length)
    throw new UserError(`${source} has weights in the same file twice; save the model again.`);
  const shards = joinedSource(paths.map((path) => shard(String(path), source, beside)));
  let end = 0;
  const saved = weights.map((entry) => {
    const { name, shape, length, decode } = readTfjsWeight(entry, source);
    const begin = end;
    end += length;
    return { name, shape, read: () => decode(shards.read(begin, length)) };
  });
  if (!(end <= shards.size))
    throw new UserError(
      `${source} has weights of ${end} bytes in ${paths.join(", ")}, where there are ${shards.size}; copy all files again.`,
    );
  return saved;
}

function shard(path: string, source: string, beside: FilesBeside): ByteSource {
  try {
    return beside(path);
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(`${source} has weights in the file "${path}", ${error.message}`);
    throw error;
  }
}

/** What Teachable Machine says of its models in a file of their own, which other makers do not write. */
function teachableMachine(
  source: string,
  beside: FilesBeside,
): Pick<SavedKerasModel, "classes" | "pictureSize"> {
  let file: ByteSource;
  try {
    file = beside("metadata.json");
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
  const text = new TextDecoder().decode(file.read(0, file.size));
  const json = parseJson(text, source, "metadata.json");
  const { labels, imageSize } = isFields(json) ? json : {};
  return {
    ...(Array.isArray(labels) && labels.every((label) => typeof label === "string")
      ? { classes: labels }
      : {}),
    ...(Number.isSafeInteger(imageSize) ? { pictureSize: imageSize as number } : {}),
  };
}
