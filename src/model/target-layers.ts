import { isClassifier } from "./classifier.ts";
import { spatialLayers } from "./find-layer.ts";
import { gridOf } from "./grid.ts";
import type { Layer, Network } from "./model.ts";
import { reachIn } from "./reach.ts";

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
