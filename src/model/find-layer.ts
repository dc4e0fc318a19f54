import { listNames, UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { gridOf } from "./grid.ts";
import type { Layer, Network } from "./model.ts";

/** Layers whose activation still has places, more than one, in any layout; attention's tables of pairs of places are none. */
export function spatialLayers({ graph, layers }: Network): Layer[] {
  return layers.filter(
    ({ type, output }) => type !== "MatMul" && type !== "Softmax" && gridOf(graph, output) !== undefined,
  );
}

/**
 * The layer that `spec` names: by its name, its module's (the last in it), its index (negative from the end), or its type or a
 * glob (the last that fits).
 * @throws UserError with the names nearest to it when there is none
 */
export function findLayer(network: Network, spec: string): Layer {
  return findLayers(network, spec).at(-1)!;
}

/**
 * The layers that `spec` names, in running order: one by its name, its module's or its index, all of a type or that fit a glob
 * (`features.*`).
 * @throws UserError with the names nearest to it when there is none
 */
export function findLayers(network: Network, spec: string): Layer[] {
  const found = matchingLayers(network, spec);
  if (found.length > 0) return found;
  const names = network.layers.map(({ name }) => name);
  // A short list stays in running order.
  const shown = names.length > 12 ? nearestFirst(spec, names) : names;
  throw new UserError(`There is no layer "${spec}"; the layers are ${listNames(shown)}.`);
}

/** The same, but none where there is none. */
export function matchingLayers({ layers }: Network, spec: string): Layer[] {
  const named = layers.find(({ name }) => name === spec);
  if (named) return [named];
  const inside = layers.findLast(({ name }) => name.startsWith(`${spec}.`) || name.startsWith(`${spec}/`));
  if (inside) return [inside];
  const indexed = /^-?\d+$/.test(spec) ? layers.at(Number(spec)) : undefined;
  if (indexed) return [indexed];
  const glob = globOf(spec);
  return layers.filter(({ name, type }) => type === spec || glob.test(name));
}

/**
 * Every layer that `spec` names, in running order: all of a module, where `findLayers` takes the last in it, and else the same.
 * @throws UserError with the names nearest to it when there is none
 */
export function layersWithin(network: Network, spec: string): Layer[] {
  const inside = network.layers.filter(
    ({ name }) => name.startsWith(`${spec}.`) || name.startsWith(`${spec}/`),
  );
  return inside.length > 0 ? inside : findLayers(network, spec);
}

/** Whether a name fits `*` (any run of characters) and `?` (any one). */
function globOf(pattern: string): RegExp {
  const parts = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${parts}$`);
}
