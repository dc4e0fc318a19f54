import { listNames, UserError } from "../base/errors.ts";
import type { Layer, Network } from "../model/model.ts";

/** Layers whose activation still has places: `[N, C, h, w]`. */
export function spatialLayers({ graph, layers }: Network): Layer[] {
  return layers.filter(({ output }) => graph.values.get(output)?.shape?.length === 4);
}

/**
 * The layer to explain at: the one named, or the last convolution, which sees most and still knows where.
 * @throws UserError listing the layers that fit when there is none of that name, or it has no places left
 */
export function targetLayer(network: Network, name?: string): Layer {
  const fitting = spatialLayers(network);
  if (name === undefined) {
    const last = fitting.findLast(({ type }) => type === "Conv2D") ?? fitting.at(-1);
    if (!last) throw new UserError("The network has no layer with spatial extent to explain at.");
    return last;
  }
  const found = fitting.find((layer) => layer.name === name);
  if (found) return found;
  const names = listNames(fitting.map((layer) => layer.name));
  throw new UserError(
    network.layers.some((layer) => layer.name === name)
      ? `The layer "${name}" has no spatial extent; those that have are ${names}.`
      : `There is no layer "${name}"; those to explain at are ${names}.`,
  );
}
