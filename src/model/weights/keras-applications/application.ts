import type { PresetName } from "../../preprocessing.ts";
import { type FunctionalLayer, type FunctionalModel, inKerasOrder, type Output } from "./functional-model.ts";
import { input, predictions } from "./layers.ts";

/** An architecture as keras.applications builds it, for the weights that Keras publishes. */
export interface KerasApplication {
  /** How pictures were prepared when it was trained. */
  readonly preprocessing: PresetName;
  /** Writes the layers from the picture to the features `[N, C]` that the classifier takes, under Keras's names. */
  features(model: FunctionalModel, picture: Output): Output;
}

/** All its layers, for pictures of `size` × `size` pixels and so many scores, in Keras's order. */
export function applicationLayers(
  { features }: KerasApplication,
  size: number,
  scores: number,
): FunctionalLayer[] {
  const model: FunctionalModel = [];
  predictions(model, features(model, input(model, size)), scores);
  return inKerasOrder(model);
}
