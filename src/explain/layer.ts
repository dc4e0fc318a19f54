import { listNames, UserError } from "../base/errors.ts";
import { isClassifier } from "../model/classifier.ts";
import { findLayer, spatialLayers } from "../model/find-layer.ts";
import { gridOf } from "../model/grid.ts";
import type { Layer, Network } from "../model/model.ts";
import { reachIn } from "./reach.ts";

/**
 * The layer to explain at: the one named, or the one that sees most and still knows where.
 * @throws UserError listing the layers that fit when there is none of that name, or it has no places left
 */
export function targetLayer(network: Network, name?: string): Layer {
  if (name === undefined) {
    const layer = defaultLayer(network);
    if (!layer)
      throw new UserError(
        "The network has no layer with spatial extent to explain at; take the gradient by its input (grad) instead.",
      );
    return layer;
  }
  const fitting = spatialLayers(network);
  const layer = findLayer(network, name);
  if (fitting.includes(layer)) return layer;
  throw new UserError(
    `The layer "${name}" has no spatial extent; those that have are ${listNames(fitting.map((fit) => fit.name))}.`,
  );
}

/** Layers whose places bear on the scores, in running order: what CAMs can be taken at. */
export function targetLayers(network: Network): Layer[] {
  const { graph } = network;
  if (!isClassifier(network)) return [];
  const reach = reachIn(graph);
  return spatialLayers(network).filter(({ output }) => reach.matters(output, gridOf(graph, output)!));
}

/**
 * The last layer with places that bear on the scores, leaving out those that pool or drop out, the projections inside transformer
 * blocks, and the maps of the classes themselves, whose channels say nothing more of what was seen.
 */
export function defaultLayer(network: Network): Layer | undefined {
  const { graph } = network;
  if (!isClassifier(network)) return undefined;
  const reach = reachIn(graph);
  const fitting = targetLayers(network);
  const last = fitting.findLast(
    ({ type, output }) =>
      !/Pooling|Dropout|^Dense/.test(type) && !reach.isClassMaps(output, gridOf(graph, output)!),
  );
  return last ?? fitting.at(-1);
}
