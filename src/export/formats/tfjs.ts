import { memorySource } from "../../base/byte-source.ts";
import { UserError } from "../../base/errors.ts";
import { bytesOf, sizeOf } from "../../base/tensor.ts";
import { DESCRIPTION } from "../../formats/keras/saved-model.ts";
import { readTfjs } from "../../formats/keras/tfjs.ts";
import { kerasDescription } from "../../model/keras-description.ts";
import type { ExportFormat } from "../format.ts";
import type { KerasLayer } from "../keras/keras-layer.ts";
import { kerasModel } from "../keras/keras-model.ts";
import { BACKEND, KERAS_VERSION, modelConfig } from "../keras/model-config.ts";
import { ports } from "../keras/ports.ts";
import { runKeras } from "../keras/run.ts";

const FILE = "model.json";

/** Bytes of a shard at most, so that browsers keep each in their cache. */
const SHARD = 4 * 2 ** 20;

/** A layers model, as TensorFlow.js's converter makes it of Keras's. */
export const tfjs: ExportFormat = {
  name: "tfjs",
  summary: "a folder with a layers model for TensorFlow.js",
  makes: "folder",
  write(network, options) {
    const model = kerasModel(network, options);
    model.layers.forEach(checkLayer);
    const weights = model.layers.flatMap(({ name, weights }) =>
      Object.entries(weights).map(([role, weight]) => ({ name: `${name}/${role}`, ...weight })),
    );
    const bytes = new Uint8Array(weights.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0));
    let at = 0;
    for (const { read } of weights) {
      const numbers = bytesOf(read());
      bytes.set(numbers, at);
      at += numbers.length;
    }
    const count = Math.ceil(bytes.length / SHARD);
    const shards = Array.from({ length: count }, (_, index): [string, Uint8Array] => [
      `group1-shard${index + 1}of${count}.bin`,
      bytes.subarray(index * SHARD, (index + 1) * SHARD),
    ]);
    const json = {
      format: "layers-model",
      generatedBy: `keras v${KERAS_VERSION}`,
      convertedBy: "Convscope",
      modelTopology: { keras_version: KERAS_VERSION, backend: BACKEND, model_config: modelConfig(model) },
      weightsManifest: [
        {
          paths: shards.map(([name]) => name),
          weights: weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
        },
      ],
      userDefinedMetadata: { [DESCRIPTION]: kerasDescription(network, options) },
    };
    const text = new TextEncoder().encode(JSON.stringify(json));
    // What names the others comes last, when they are there.
    return { files: new Map([...shards, [FILE, text]]), ...ports(model) };
  },
  async run({ files }, image, { engine }) {
    const text = new TextDecoder().decode(files.get(FILE));
    const saved = readTfjs(text, FILE, (name) => {
      const file = files.get(name);
      if (!file) throw new UserError("which is not there");
      return memorySource(file);
    });
    return runKeras(saved, image, engine);
  },
};

/** @throws UserError for what layers of Keras's do and those of TensorFlow.js do not */
function checkLayer({ name, type, config }: KerasLayer): void {
  const refuse = (what: string): UserError =>
    new UserError(
      `The layer "${name}" has ${what}, as no layer of TensorFlow.js has; export the network as keras or onnx.`,
    );
  if (type === "Conv2D" && Number(config.groups ?? 1) > 1)
    throw refuse(`${config.groups} groups of channels`);
  if (type === "ELU" && config.alpha !== 1) throw refuse(`ELU with an alpha of ${config.alpha}`);
}
