import type { SavedWeight } from "./saved-model.ts";

/**
 * What finds a layer's weights among all that a model has in one list, by their names, such as `vgg16/block1_conv1/kernel:0`.
 * It takes the names of the models around the layer, then its own; those that the weights' names leave out are passed over.
 */
export function namedWeights(
  weights: readonly SavedWeight[],
): (path: readonly string[]) => readonly SavedWeight[] {
  const places = weights.map((weight) => ({ weight, parts: weight.name.split("/").slice(0, -1) }));
  // TensorFlow numbers what it is asked to make a second time: `block1_conv1_1`.
  const unnumbered = places.map(({ weight, parts }) => ({
    weight,
    parts: parts.map((part) => part.replace(/_\d+$/, "")),
  }));
  const [exact, rough] = [byPart(places), byPart(unnumbered)];
  return (path) => {
    const layer = path.at(-1)!;
    const key = layer.split("/").at(-1)!;
    const inLayer = (index: ReadonlyMap<string, readonly Place[]>): Place[] =>
      (index.get(key) ?? []).filter((place) => within(place, layer));
    const found = inLayer(exact);
    return closest(found.length > 0 ? found : inLayer(rough), path.slice(0, -1));
  };
}

interface Place {
  readonly weight: SavedWeight;
  /** Its name without the last part. */
  readonly parts: readonly string[];
}

function byPart(places: readonly Place[]): Map<string, Place[]> {
  const index = new Map<string, Place[]>();
  for (const place of places)
    for (const part of new Set(place.parts)) {
      const others = index.get(part);
      if (others) others.push(place);
      else index.set(part, [place]);
    }
  return index;
}

/** Whether a name, which may have slashes of its own, is among the parts of a place. */
const within = ({ parts }: Place, name: string): boolean => `/${parts.join("/")}/`.includes(`/${name}/`);

/** Layers of the same name in other models are told apart by the names of those models. */
function closest(places: readonly Place[], around: readonly string[]): SavedWeight[] {
  const matches = places.map((place) => around.filter((model) => within(place, model)).length);
  const most = matches.reduce((best, count) => Math.max(best, count), 0);
  return places.filter((_, index) => matches[index] === most).map(({ weight }) => weight);
}
