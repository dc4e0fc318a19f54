import { listNames, UserError } from "../base/errors.ts";
import { findLayer, spatialLayers } from "../model/find-layer.ts";
import type { Layer, Network } from "../model/model.ts";

/**
 * The layer to explain at: the one named, or the last with places that does not pool, which sees most and still knows where.
 * @throws UserError listing the layers that fit when there is none of that name, or it has no places left
 */
export function targetLayer(network: Network, name?: string): Layer {
  const fitting = spatialLayers(network);
  if (name === undefined) {
    const last = fitting.findLast(({ type }) => !/Pooling|Dropout/.test(type)) ?? fitting.at(-1);
    if (!last) throw new UserError("The network has no layer with spatial extent to explain at.");
    return last;
  }
  const layer = findLayer(network, name);
  if (fitting.includes(layer)) return layer;
  throw new UserError(
    `The layer "${name}" has no spatial extent; those that have are ${listNames(fitting.map((fit) => fit.name))}.`,
  );
}
