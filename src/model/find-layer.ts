import { listNames, UserError } from "../base/errors.ts";
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
  throw new UserError(`There is no layer "${spec}"; the layers are ${listNames(nearestFirst(spec, names))}.`);
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

/** Whether a name fits `*` (any run of characters) and `?` (any one). */
function globOf(pattern: string): RegExp {
  const parts = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${parts}$`);
}

/** Short lists stay in running order; of long ones those come first that are spelt most alike. */
function nearestFirst(spec: string, names: readonly string[]): readonly string[] {
  if (names.length <= 12) return names;
  const distances = new Map(
    names.map((name) => [name, editDistance(spec.toLowerCase(), name.toLowerCase())]),
  );
  return names.toSorted((a, b) => distances.get(a)! - distances.get(b)!);
}

/** Letters to insert, drop or change to make one word the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}
