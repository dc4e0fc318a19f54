import { UserError } from "../../base/errors.ts";
import type { Group } from "../hdf5/hdf5.ts";
import type { KerasObject, SavedKerasModel, SavedWeight } from "./saved-model.ts";
import { savedWeight, texts } from "./saved-weight.ts";
import { isFields } from "./settings.ts";

/**
 * The weights of one layer, or of one model, as Keras 3 saves them: in the group `vars`, numbered, and in one group for each layer
 * inside. Where weights are cut into several files, the groups of the same path in all of them.
 */
type Place = readonly Group[];

/** Where Keras 2.12 and 2.13 keep layers. */
const OLD = "_layer_checkpoint_dependencies";

/** Where a model keeps its layers. */
export const containers: readonly string[] = ["layers", OLD];

/** Groups in a model, and one in the other, at most. */
const MOST = { groups: 10_000, depth: 16 };

/**
 * What finds the weights of a model's layers, which are kept not by their names but by class and number: `conv2d`, `conv2d_1`.
 * @param roots of the files that the weights are in
 */
export function checkpointWeights(
  roots: Place,
  model: KerasObject,
  source: string,
): SavedKerasModel["weights"] {
  const layers = layersOf(model);
  const places = memberOf(roots, containers);
  const keyOf = places[0]?.path.endsWith(OLD) ? (layer: Counted) => nthOf(places, layer) : numbered;
  const inner = new Map<string, SavedKerasModel["weights"]>();
  return ([name, ...rest]) => {
    const found = layers.get(name!);
    if (!found) return [];
    const place = memberOf(places, [keyOf(found)]);
    if (rest.length === 0) return allWeights(place, walkOf(source));
    const weights = inner.get(name!) ?? checkpointWeights(place, found.layer, source);
    inner.set(name!, weights);
    return weights(rest);
  };
}

/** A layer, and how many of its kind come before it. */
interface Counted {
  readonly layer: KerasObject;
  readonly kind: string;
  readonly count: number;
}

const numbered = ({ kind, count }: Counted): string => (count ? `${kind}_${count}` : kind);

/** Old versions count layers with weights twice, so that only their order tells. */
function nthOf(place: Place, layer: Counted): string {
  const keys = place
    .flatMap((group) => group.names())
    .filter((name) => name.replace(/_\d+$/, "") === layer.kind);
  return keys.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))[layer.count] ?? numbered(layer);
}

/** A model's layers by name. */
function layersOf(model: KerasObject): Map<string, Counted> {
  const { layers } = isFields(model.config) ? model.config : {};
  const counts = new Map<string, number>();
  const found = new Map<string, Counted>();
  for (const layer of Array.isArray(layers) ? layers : []) {
    const { class_name: className, config } = isFields(layer) ? layer : {};
    if (typeof className !== "string" || !isFields(config)) continue;
    const kind = snakeCase(className);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    found.set(String(config.name), { layer: { class_name: className, config }, kind, count });
  }
  return found;
}

/** `Conv2DTranspose` is `conv2d_transpose`. */
export const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();

/** The groups under the first of the names that is there. */
function memberOf(place: Place, names: readonly string[]): Place {
  for (const name of names) {
    const found = place.map((group) => group.member(name)).filter((member) => member?.kind === "group");
    if (found.length > 0) return found;
  }
  return [];
}

/** In what order layers inside a layer were made, where it is not that of their names. */
const made = ["query", "key", "gate", "value", "output"];

const orderOf = (name: string): number =>
  made.findIndex((part) => name.replace(/^_/, "") === `${part}_dense`);

/** All weights of a layer: of the layers inside it, then its own. */
function allWeights(place: Place, walk: Walk, depth = 0): SavedWeight[] {
  const names = [...new Set(place.flatMap((group) => group.names()))];
  walk.enter(names.length, depth);
  const inner = names.filter((name) => name !== "vars" && name !== "seed_generator").sort();
  return [
    ...inner
      .sort((a, b) => orderOf(a) - orderOf(b))
      .flatMap((name) => allWeights(memberOf(place, [name]), walk, depth + 1)),
    ...ownWeights(memberOf(place, ["vars"]), walk.source),
  ];
}

function ownWeights(vars: Place, source: string): SavedWeight[] {
  return vars
    .flatMap((group) => group.names().map((name) => ({ name, member: group.member(name) })))
    .sort((a, b) => Number(a.name) - Number(b.name))
    .flatMap(({ member }) => (member?.kind === "dataset" ? [savedWeight(member, member.path, source)] : []));
}

/** A layer in such a file. */
export interface CheckpointLayer {
  /** Its name, where the file says it, else its key: the class and a number. */
  readonly layer: string;
  /** Its class, as in the key. */
  readonly kind: string;
  readonly weights: readonly SavedWeight[];
}

/** All layers with weights in such a file, in the order of their keys. */
export function checkpointLayers(root: Group, source: string): CheckpointLayer[] {
  const walk = walkOf(source);
  const layersIn = (place: Place, depth: number): CheckpointLayer[] => {
    const keys = place
      .flatMap((group) => group.names())
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    walk.enter(keys.length, depth);
    return keys.flatMap((key) => {
      const own = memberOf(place, [key]);
      const inner = memberOf(own, containers);
      if (inner.length > 0) return layersIn(inner, depth + 1);
      const [name] = memberOf(own, ["vars"]).flatMap((vars) => texts(vars, "name") ?? []);
      return { layer: name ?? key, kind: key.replace(/_\d+$/, ""), weights: allWeights(own, walk) };
    });
  };
  return layersIn(memberOf([root], containers), 0).filter(({ weights }) => weights.length > 0);
}

/** The layers in the order of a model's, in which Keras numbers those of a class; then those that it has not. */
export function inOrderOf(model: KerasObject, layers: readonly CheckpointLayer[]): CheckpointLayer[] {
  const left = [...layers];
  const ordered = [...layersOf(model).values()].flatMap(({ kind }) => {
    const at = left.findIndex((layer) => layer.kind === kind);
    return at < 0 ? [] : left.splice(at, 1);
  });
  return [...ordered, ...left];
}

/** A way through a file's groups, which may lead in circles. */
interface Walk {
  readonly source: string;
  /** @throws UserError when there are more groups, or one in the other, than any model has */
  enter(groups: number, depth: number): void;
}

function walkOf(source: string): Walk {
  let left = MOST.groups;
  return {
    source,
    enter(groups, depth) {
      left -= groups;
      if (left < 0 || depth > MOST.depth)
        throw new UserError(`${source} holds layers in layers without an end; copy or save it again.`);
    },
  };
}
