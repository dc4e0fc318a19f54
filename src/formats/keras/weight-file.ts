import type { ByteSource } from "../../base/byte-source.ts";
import { type Group, openHdf5 } from "../hdf5/hdf5.ts";
import { checkpointLayers, inOrderOf } from "./checkpoint.ts";
import { isWeightFile, layerWeights, listAttribute, noModel } from "./h5.ts";
import type { KerasObject, SavedWeight } from "./saved-model.ts";

/** A layer in a file of weights. */
export interface KerasLayer {
  /** Its name; of Keras 3 before it wrote names, its class and number, such as `conv2d_1`. */
  readonly layer: string;
  /** In Keras's order. */
  readonly weights: readonly SavedWeight[];
}

/**
 * The layers in a file of weights of Keras 1 to 3, or in a whole `.h5` model, in the file's order. Weights are read when they are asked for.
 * @param model whose order they take where the file keeps them by class alone
 * @throws UserError when it is no such file
 */
export function readKerasWeights(
  file: Uint8Array | ByteSource,
  source: string,
  model?: KerasObject,
): KerasLayer[] {
  const root = openHdf5(file, source);
  const whole = root.member("model_weights");
  const group: Group = whole?.kind === "group" ? whole : root;
  const names = listAttribute(group, "layer_names");
  if (names) return names.map((layer) => ({ layer, weights: layerWeights(group, layer, source) }));
  if (!isWeightFile(root)) throw noModel(root, source);
  const layers = checkpointLayers(root, source);
  return model ? inOrderOf(model, layers) : layers;
}
