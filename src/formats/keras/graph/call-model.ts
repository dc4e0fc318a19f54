import type { Value } from "../../../graph/graph.ts";
import { type Building, type Place, refusal } from "./building.ts";
import { type Arguments, callLayer, tensorsIn } from "./call-layer.ts";
import { callFunctional } from "./functional.ts";
import { isModel, isSequential, layersOf, type NamedLayer, type SavedLayer } from "./saved-layers.ts";

/** Models in models, at most. */
const DEEPEST = 30;

/**
 * Writes the layers of a model, and of the models in it.
 * @param inputs in the order in which the model lists its own
 * @returns its outputs in the order in which it lists them
 */
export function callModel(
  building: Building,
  model: SavedLayer,
  place: Place,
  inputs: readonly Value[],
): Value[] {
  const refuse = refusal(building, place, model.class_name);
  if (place.path.length > DEEPEST) throw refuse(`lies in more than ${DEEPEST} models.`);
  const layers = layersOf(model, refuse);
  const call = (layer: NamedLayer, title: string, given: Arguments): Value[] => {
    const inside = { path: [...place.path, layer.name], title: [...place.title, title] };
    return isModel(layer)
      ? callModel(building, layer, inside, tensorsIn(given))
      : callLayer(building, layer, inside, given);
  };
  if (!isSequential(model)) return callFunctional({ model, layers, call, refuse }, inputs);
  return layers
    .filter(({ class_name: type }) => type !== "InputLayer")
    .reduce<readonly Value[]>(
      (tensors, layer) =>
        call(layer, layer.name, { args: tensors.map((value) => ({ kind: "tensor", value })), kwargs: {} }),
      inputs,
    )
    .slice();
}
