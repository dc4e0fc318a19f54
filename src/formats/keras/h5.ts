import { listNames, UserError } from "../../base/errors.ts";
import type { Group } from "../hdf5/hdf5.ts";
import { containers } from "./checkpoint.ts";
import { kerasObject, parseJson } from "./config.ts";
import { namedWeights } from "./named-weights.ts";
import { DESCRIPTION, type SavedKerasModel, type SavedWeight } from "./saved-model.ts";
import { savedWeight, texts } from "./saved-weight.ts";

/**
 * The model in an `.h5` file of Keras 1 to 3. Its weights lie in one group for each of its layers; a model among these has all of its own
 * in one list.
 * @param root the file's root group
 * @throws UserError when it holds no model
 */
export function readKerasH5(root: Group, source: string): SavedKerasModel {
  const [text] = texts(root, "model_config") ?? [];
  if (text === undefined) throw noModel(root, source);
  const model = kerasObject(parseJson(text, source, "model_config"), source);
  const [version] = texts(root, "keras_version") ?? [];
  const [description] = texts(root, DESCRIPTION) ?? [];
  const group = groupAt(root, "model_weights", source);
  const layers = new Map<string, ReturnType<typeof weightsOfLayer>>();
  return {
    model,
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description: parseJson(description, source, DESCRIPTION) }),
    weights([layer, ...inner]) {
      const found = layers.get(layer!) ?? weightsOfLayer(layerWeights(group, layer!, source));
      layers.set(layer!, found);
      return found(inner);
    },
  };
}

/** All weights of a layer of the model, or those of a layer inside it. */
function weightsOfLayer(all: readonly SavedWeight[]): SavedKerasModel["weights"] {
  const named = namedWeights(all);
  return (inner) => (inner.length === 0 ? all : named(inner));
}

/** What to say of a file that holds no model. */
export function noModel(root: Group, source: string): UserError {
  if (isWeightFile(root))
    return new UserError(
      `${source} holds weights without their model; convert them with convscope weights convert, or save the model itself from Keras.`,
    );
  return new UserError(
    `${source} is an HDF5 file, but not a model of Keras's: it holds ${listNames(root.names(), 5) || "nothing"}.`,
  );
}

/** Whether the root group is one of weights alone. */
export const isWeightFile = (root: Group): boolean =>
  listAttribute(root, "layer_names") !== undefined ||
  [...containers, "model_weights"].some((name) => root.names().includes(name));

/** The weights in the group of a layer, in Keras's order; none if there is no group of that name. */
export function layerWeights(group: Group, layer: string, source: string): SavedWeight[] {
  const own = group.member(layer);
  if (own?.kind !== "group") return [];
  return (listAttribute(own, "weight_names") ?? []).map((name) => {
    const dataset = own.member(name);
    if (dataset?.kind !== "dataset")
      throw new UserError(`${source} lacks the weight "${name}" of the layer "${layer}"; save it again.`);
    return savedWeight(dataset, name, source);
  });
}

/** A list of names, which Keras cuts into `name0`, `name1` and so on where it is long. */
export function listAttribute(group: Group, name: string): string[] | undefined {
  const whole = group.attribute(name);
  // An empty list is one of numbers.
  if (whole) return whole.dtype === "text" ? [...whole.data] : [];
  const list: string[] = [];
  for (let part = 0; ; part++) {
    const found = texts(group, `${name}${part}`);
    if (!found) return part ? list : undefined;
    list.push(...found);
  }
}

function groupAt(group: Group, name: string, source: string): Group {
  const found = group.member(name);
  if (found?.kind !== "group")
    throw new UserError(`${source} has no group "${name}"; save the whole model again.`);
  return found;
}
