import { strToU8, zipSync } from "fflate";
import { type Content, writeHdf5 } from "./hdf5-file.ts";

/** A weight by its name, with its shape; its numbers count up from `first`. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly first: number;
}

const dataset = ({ shape, first }: Weight) => ({
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => first + index),
  shape: [...shape],
});

/** A group of an `.h5` file of Keras's: by layer, its weights. */
export function layerGroups(layers: Readonly<Record<string, readonly Weight[]>>): Content {
  return {
    attributes: { layer_names: Object.keys(layers), keras_version: "2.15.0", backend: "tensorflow" },
    groups: Object.fromEntries(
      Object.entries(layers).map(([layer, weights]) => [
        layer,
        {
          attributes: {
            // As numpy does, of an empty list.
            weight_names: weights.length > 0 ? weights.map(({ name }) => name) : new Float64Array(),
          },
          datasets: Object.fromEntries(weights.map((weight) => [weight.name, dataset(weight)])),
        },
      ]),
    ),
  };
}

/** An `.h5` file of a whole model. */
export function kerasH5(model: unknown, layers: Readonly<Record<string, readonly Weight[]>>): Uint8Array {
  return writeHdf5({
    attributes: { model_config: JSON.stringify(model), keras_version: "2.15.0", backend: "tensorflow" },
    groups: { model_weights: layerGroups(layers) },
  });
}

/** The weights in a `.keras` archive: by the path of a group such as `layers/conv2d/vars`, in order. */
export function checkpoint(groups: Readonly<Record<string, readonly Weight[]>>): Uint8Array {
  return writeHdf5({
    groups: Object.fromEntries(
      Object.entries(groups).map(([path, weights]) => [
        path,
        {
          attributes: { name: path.split("/").at(-2) ?? "" },
          datasets: Object.fromEntries(weights.map((weight, index) => [String(index), dataset(weight)])),
        },
      ]),
    ),
  });
}

/** A `.keras` archive, stored as Keras does, or compressed. */
export function kerasArchive(model: unknown, weights: Uint8Array, level: 0 | 6 = 0): Uint8Array {
  const files = {
    "metadata.json": strToU8(JSON.stringify({ keras_version: "3.5.0" })),
    "config.json": strToU8(JSON.stringify(model)),
    "model.weights.h5": weights,
  };
  return zipSync(files, { level });
}
