import { openHdf5 } from "../../formats/hdf5/hdf5.ts";
import { type NewDataset, type NewGroup, writeHdf5 } from "../../formats/hdf5/write.ts";
import { readKerasH5 } from "../../formats/keras/h5.ts";
import { DESCRIPTION } from "../../formats/keras/saved-model.ts";
import { kerasDescription } from "../../model/keras-description.ts";
import type { ExportFormat } from "../format.ts";
import type { KerasLayer } from "../keras/keras-layer.ts";
import { kerasModel } from "../keras/keras-model.ts";
import { BACKEND, KERAS_VERSION, modelConfig } from "../keras/model-config.ts";
import { ports } from "../keras/ports.ts";
import { runKeras } from "../keras/run.ts";

const FILE = "model.h5";

/** An `.h5` as Keras 2 saves a whole model. */
export const keras: ExportFormat = {
  name: "keras",
  summary: "one .h5 file for Keras 2 and 3",
  makes: "file",
  write(network, options) {
    const model = kerasModel(network, options);
    const maker = { backend: BACKEND, keras_version: KERAS_VERSION };
    const weights: NewGroup = {
      attributes: { ...maker, layer_names: model.layers.map(({ name }) => name) },
      members: new Map(model.layers.map((layer) => [layer.name, layerGroup(layer)])),
    };
    const file = writeHdf5({
      attributes: {
        ...maker,
        model_config: JSON.stringify(modelConfig(model)),
        [DESCRIPTION]: JSON.stringify(kerasDescription(network, options)),
      },
      members: new Map([["model_weights", weights]]),
    });
    return { files: new Map([[FILE, file]]), ...ports(model) };
  },
  async run({ files }, image, { engine }) {
    return runKeras(readKerasH5(openHdf5(files.get(FILE)!, FILE), FILE), image, engine);
  },
};

/** A layer's weights under its name once more, as TensorFlow names its variables. */
function layerGroup({ name, weights }: KerasLayer): NewGroup {
  const entries = Object.entries(weights);
  const members = new Map<string, NewDataset>(entries.map(([role, weight]) => [`${role}:0`, weight]));
  return {
    attributes: { weight_names: entries.map(([role]) => `${name}/${role}:0`) },
    members: new Map(entries.length > 0 ? [[name, { members }]] : []),
  };
}
