import { listNames, UserError } from "../base/errors.ts";
import { extract, type Graph } from "../graph/graph.ts";
import { findLayer, spatialLayers } from "../model/find-layer.ts";
import type { Layer, Network } from "../model/model.ts";
import { defaultLayer } from "../model/target-layers.ts";
import type { Method } from "./method.ts";
import type { Target } from "./target.ts";
import { valueNamed } from "./value.ts";

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

/**
 * Where a method explains: nowhere in particular, at a layer with places, or at any.
 * @param of what is explained instead of a class; unless a layer is named, it is the last before that
 * @throws UserError as `targetLayer` does, and when a layer is named to a method that is at none
 */
export function layerOf(
  network: Network,
  method: Pick<Method, "name" | "at">,
  name?: string,
  of?: string,
): Layer | undefined {
  if (name === undefined && of !== undefined && method.at !== "input") return lastBefore(network, of);
  if (method.at === "maps") return targetLayer(network, name);
  if (method.at === "layer") return name === undefined ? targetLayer(network) : findLayer(network, name);
  if (name === undefined) return undefined;
  throw new UserError(`${method.name} explains at the network's input; leave the layer out.`);
}

function lastBefore(network: Network, of: string): Layer {
  const value = valueNamed(network, of);
  const made = new Set(extract(network.graph, [value]).nodes.flatMap(({ outputs }) => outputs));
  const layer = spatialLayers(network).findLast(({ output }) => output !== value && made.has(output));
  if (layer) return layer;
  throw new UserError(`No layer with places comes before "${of}"; explain it by a method at the input.`);
}

/** @throws UserError when what is explained does not depend on the layer */
export function checkBefore(graph: Graph, layer: Layer, { label, value }: Target): void {
  const made = extract(graph, [value]).nodes.flatMap(({ outputs }) => outputs);
  if (!made.includes(layer.output))
    throw new UserError(
      `"${label}" does not depend on the layer "${layer.name}"; explain it at one that comes before it.`,
    );
}
